module type SHOWN = sig
  type t

  val first : t
  val show : t -> string
end

type t = int

let first = 1
let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show_all n = Array.iter print_endline (table n)
let show n = String.concat "," (Array.to_list (table n))
