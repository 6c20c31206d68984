type _ t = Int : int -> int t | If : bool t * 'a t * 'a t -> 'a t | Bool : bool -> bool t
let unused = print_newline
