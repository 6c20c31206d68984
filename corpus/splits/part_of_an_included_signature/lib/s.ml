module Tag = struct
  type t = string
end

(** What a shop has. *)
module type ITEMS = sig
  type t

  type 'a many

  (** Two kinds, and *)
  type kind = Small | Large of level
  (** their levels. *)

  and level = int

  type row = { kind : kind; at : where }

  and where = Front | Shelf of int

  exception Gone of kind

  val make : int -> t

  val kind : t -> kind
  (** Raises {!Gone}. *)

  val row : t -> row

  val all : t many -> Tag.t list
  external same : t -> t -> bool = "%eq"
  val lines : t -> string Seq.t
  val show : t -> string
end
