let a = Vec.Ops.( +. ) [| 1. |] [| 2. |]
let b = Vec.Ops.(2. *.+ (a +. a))
let c = let open Vec.Ops in b.%{0}
let () = print_float (c -. Vec.Shape.Turned.(a -.- b).(0))
