external digest : string -> int -> int -> string = "caml_md5_string"
