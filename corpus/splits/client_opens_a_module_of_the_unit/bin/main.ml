open Vec
open Ops.Sub

let () = print_int Deep.z
let () = print_int (next (Ops.id 2))
let () = print_int (let open Vec.Ops.Sub.Deep in z)
let () = print_int Other.z
