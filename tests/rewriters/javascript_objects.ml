(* packages: js_of_ocaml-ppx js_of_ocaml *)
open Js_of_ocaml
let get (x : < length : int Js.prop > Js.t) = x##.length
let set (x : < length : int Js.prop > Js.t) = x##.length := 3
let call (x : < go : int -> int Js.meth > Js.t) = x##go 1
let make (c : (int -> < > Js.t) Js.constr) = new%js c 1
let literal () = object%js val mutable count = 0 method next = 1 end
let made = let constr = Js.Unsafe.global##._Thing in (new%js constr 1 : < > Js.t)
let empty () : int Js.js_array Js.t = new%js Js.array_empty
