(** Tables of the world. *)

(** Countries and where they lie. *)
module Countries : sig
  (** Where a country lies, or most of it. *)
  type continent = Europe | Asia | Africa | North_america | South_america | Oceania

  (** A country. *)
  type t

  val all : t list
  (** All of them, by code. *)

  val code : t -> string
  val name : t -> string
  val continent : t -> continent
  val of_code : string -> t option
  val on : continent -> t list
end

(** Currencies and how amounts of them are written. *)
module Currencies : sig
  type t

  val all : t list
  val code : t -> string
  val unit_name : t -> string
  val digits : t -> int
  val of_code : string -> t option

  val show : t -> int -> string
  (** An amount in the smallest unit. *)
end

(** Chemical elements. *)
module Elements : sig
  type t = private { number : int; symbol : string; name : string }

  exception Unknown of string

  val all : t array
  val symbol : t -> string
  val name : t -> string
  val number : t -> int

  val of_symbol : string -> t
  (** @raise Unknown when there is none. *)
end

(** Offsets of cities from universal time, in winter. *)
module Zones : sig
  type t

  val all : t list
  val city : t -> string
  val minutes : t -> int
  val of_city : string -> t option
  val show : t -> string
end
