external digest : string -> int -> int -> string = "caml_md5_string"
module Prims = struct
  external length : int array -> int = "%array_length"
  external digest : string -> int -> int -> string = "caml_md5_string"
  let name = "digest"
end
let fn x = x + 1
module Sub = struct let w = 2 end
