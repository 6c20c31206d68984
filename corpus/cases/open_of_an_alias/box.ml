external digest : string -> int -> int -> string = "caml_md5_string"

module Lid = struct let width = 2 end
