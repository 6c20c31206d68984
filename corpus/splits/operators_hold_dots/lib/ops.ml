let ( +. ) a b = Array.map2 Stdlib.( +. ) a b
let ( *.+ ) k a = Array.map (fun x -> k *. x) a
let ( .%{} ) a i = a.(i)
let show a = String.concat " " (Array.to_list (Array.map (Printf.sprintf "%g") a))
let read s = Scanf.sscanf s "%f %f" (fun x y -> [| x; y |])
