type color = Red | Green
type other = color

type ('a, 'phase) schema = { read : 'a -> int; mutable phase : 'phase option }

let make read = { read; phase = None }
let read schema x = schema.read x

let colors = make (function Red -> 0 | Green -> 1)

let id x = x
let next = id (fun color -> if color = Red then Green else Red)
let next = id next
let plain = read colors Red
let names = id [ "red"; "green" ]
let cells = [||]

module Sub = struct
  type t = color list
end

let lists = make (fun _ -> 2)

module Sources = struct
  open Source

  let any = make ()
  let any = id any
  let cells = [||]
end

let table n = Array.init n (fun i -> List.init i (fun j -> Printf.sprintf "%d:%s" i (String.make j 'x')))
let show_all n = Array.iter (List.iter print_endline) (table n)
