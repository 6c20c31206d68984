type t = A | B of int [@@deriving show { with_path = false }]

let two = B 2
let line x = Printf.sprintf "%d %s" x (String.make x 'x')
let read s = Scanf.sscanf s "%d" (fun x -> B x)
