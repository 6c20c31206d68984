module Iter = struct
  let return x k = k x
  let map f a k = a (fun x -> k (f x))
  let ( <+> ) a b k = a k; b k
end

let twice x = Iter.(return x <+> map succ (return x))
let map f l = List.rev (List.rev_map f l)
let return x = [ x ]
let thrice x = map (fun y -> y + 1) (return x)

let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let later x = Iter.(return x <+> map (fun y -> String.length (Printf.sprintf "%d" y)) (return x))
let show_all n = Array.iter print_endline (table n)
