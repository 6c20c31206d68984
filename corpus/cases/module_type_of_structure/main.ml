module Own : C.S with type t = int = struct type t = int let v = 2 end
let () = print_int Own.v; print_string C.name
