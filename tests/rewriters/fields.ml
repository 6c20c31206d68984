(* packages: ppx_fields_conv fieldslib *)
type re = { a : int; mutable b : string } [@@deriving fields]
type t = { c : int; d : string } [@@deriving fields]
module Inner = struct
  type 'a p = { x : 'a; mutable y : int } [@@deriving fields]
end
let names = Fields.names
let made = Fields_of_re.create ~a:1 ~b:"b"
let all t = Fields.Direct.iter t ~c:(fun _ _ _ -> ()) ~d:(fun _ _ _ -> ())
let get p = Inner.Fields_of_p.x, Inner.x p, Inner.set_y p 3
open Inner
let names_of_p = Fields_of_p.names
