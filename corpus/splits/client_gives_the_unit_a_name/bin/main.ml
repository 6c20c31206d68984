open Vec
module N = Ops

let () = print_int (N.id Names.three)
let () = print_int (let module M = Vec.Ops in M.two)
let () = print_int Vec.(Ops.two + Ops.id 5)
let () = print_int (Names.O.two + Names.Sub.deep + Names.Inner.deep)
let () = print_int (let open N in id two)
