(* Numbers in use. *)

type t = { value : int; name : string }

(* Makes one. *)
let make value name = { value; name }

let get t = t.value

let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show_all n = Array.iter print_endline (table n)

(* Of all characters. *)
let sum n = Array.fold_left (fun acc s -> acc + String.length s) 0 (table n)
let name t = t.name
let print t = Printf.printf "%s=%d\n" t.name t.value
