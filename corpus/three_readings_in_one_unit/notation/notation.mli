(** A small notation for records, read in three ways. *)

(** Where the text is malformed, and why. *)
exception Malformed of int * string

(** Numbers as floating-point numbers. *)
module Plain : sig
  type t =
    | Number of float
    | Text of string
    | List of t list
    | Record of (string * t) list

  val of_string : string -> t
  val to_string : t -> string
  val print_indented : int -> out_channel -> t -> unit
  val member : string -> t -> t option
  val path : string list -> t -> t option
  val fold : ('a -> t -> 'a) -> 'a -> t -> 'a
  val count : t -> int
  val sort : t -> t
  val merge : t -> t -> t
  val to_float : t -> float option
  val sum : t -> float
end

(** Integers apart from other numbers, truth values, and nothing. *)
module Exact : sig
  type t =
    | Nothing
    | Truth of bool
    | Integer of int
    | Number of float
    | Text of string
    | List of t list
    | Record of (string * t) list

  val of_string : string -> t
  val to_string : t -> string
  val print_indented : int -> out_channel -> t -> unit
  val member : string -> t -> t option
  val path : string list -> t -> t option
  val fold : ('a -> t -> 'a) -> 'a -> t -> 'a
  val count : t -> int
  val sort : t -> t
  val merge : t -> t -> t
  val to_int : t -> int option
  val to_truth : t -> bool option
end

(** Literals as they are written. *)
module Verbatim : sig
  type t =
    | Literal of string
    | Text of string
    | List of t list
    | Record of (string * t) list

  val of_string : string -> t
  val to_string : t -> string
  val print_indented : int -> out_channel -> t -> unit
  val member : string -> t -> t option
  val path : string list -> t -> t option
  val fold : ('a -> t -> 'a) -> 'a -> t -> 'a
  val count : t -> int
  val sort : t -> t
  val merge : t -> t -> t
  val literals : t -> string list
end
