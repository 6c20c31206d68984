type t = { n : int }

let make n = { n }
let get t = t.n
let text t = Printf.sprintf "<%d>" t.n
let compare a b = if a.n = b.n then 0 else String.compare (text a) (text b)
let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
