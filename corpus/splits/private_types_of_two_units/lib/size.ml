type t = int
type 'a many = 'a list
type row = [ `A | `B ]

let make x = x
let many x = [ x ]
let row : row = `A
let show x = Printf.sprintf "%d %s" x (String.make x 'x')
let read s = Scanf.sscanf s "%d" (fun x -> x)
