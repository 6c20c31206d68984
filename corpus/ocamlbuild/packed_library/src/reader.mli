(** Lines such as [12 x bolt M8 @ shelf 3]. *)

type line = { amount : int; article : string; shelf : int }

exception Bad_line of int * string

val line : int -> string -> line
val lines : string -> line list
val by_shelf : line list -> (int * line list) list
val into : Ledger.t -> line list -> Ledger.entry list
