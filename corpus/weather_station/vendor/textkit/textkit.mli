(** Text on terminals. Each part is also a module of its own, [Textkit_table] and so on. *)

(** Columns that a text takes. *)
module Width : sig
  val of_string : string -> int
  val truncate : width:int -> string -> string
end

(** Aligned tables. *)
module Table : sig
  type align = Textkit_table.align = Left | Right | Centre
  type column = Textkit_table.column = { title : string; align : align }

  val left : string -> column
  val right : string -> column
  val centre : string -> column
  val render : column list -> string list list -> string
  val markdown : column list -> string list list -> string
end

(** Paragraphs. *)
module Wrap : sig
  val greedy : width:int -> string -> string list
  val balanced : width:int -> string -> string list
  val indent : by:int -> string list -> string list
  val justify : width:int -> string -> string
  val bullets : width:int -> string list -> string list
end

(** Charts of characters. *)
module Chart : sig
  val sparkline : float array -> string
  val bars : width:int -> (string * float) list -> string list
  val plot : height:int -> float array -> string list
  val heat_map : steps:string -> float array array -> string list
end

(** Distances between words. *)
module Distance : sig
  val levenshtein : string -> string -> int
  val jaro : string -> string -> float
  val soundex : string -> string
  val nearest : among:string list -> string -> string option
end

(** Numbers in words. *)
module Numerals : sig
  val in_words : int -> string
  val ordinal : int -> string
  val roman : int -> string
  val grouped : int -> string
end

val version : string
