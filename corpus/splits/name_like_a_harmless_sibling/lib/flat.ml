module Size = Bytes_of

type t = { value : int; name : string }

let make value name = { value; name = Size.cut name 8 }
let get t = t.value
let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (Size.cut (String.make i 'x') 4))
let show_all n = Array.iter print_endline (table n)
let sum n = Array.fold_left (fun acc s -> acc + Size.size s) 0 (table n)
let print t = Printf.printf "%s=%d\n" t.name t.value
