open! Base
include (struct let x = 1 end : sig val x : int end)
module rec A : sig type t = B.t list [@@deriving sexp, compare] end = A and B : sig type t end = B
module F (X : Set.OrderedType) () = struct include Set.Make (X) let id = fun x -> x end
module type S = sig type 'a t = .. val f : ?a:int -> b:'a -> 'a t end with type 'a t := 'a list
type t = A of { a : int } | B : 'a. 'a -> t | `C and u = private [> `D of int & string ] constraint 'a = int
let rec f ?(x = 1) ~y:(a, b) = function [ 1; 2 ] | [| 3 |] -> {M.a with b = x} | lazy _ when a > b -> assert false | exception Not_found -> x
let%lwt g = match%ext h with { c; _ } -> c.M.d.(0).[1].{2} <- !r |> (fun%x () -> ())
class virtual ['a] c x = object (self) inherit d as super val mutable v = x method m = {< v >}#n initializer () end
let s = "a\n\x41\u{1F600}\
  b" ^ {|q|} ^ {id|r|id} ^ {%e|p|}
# 12 "gen.mly"
let ( let* ) = bind let* z = 1 and* w = 2 in M.(z + w) [@@inline] ;;
external p : int = "%identity" [@@noalloc] exception X = Y.Z [@@@warning "-a"]
(* comment (* nested "str*)" *) 'c' '"' *)
