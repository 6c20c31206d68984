include Ops

let first = "1" *> 2
let both a b = a <* b *> a

let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show_all n = Array.iter print_endline (table n)
