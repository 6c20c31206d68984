(* packages: ppx_variants_conv variantslib *)
type v = A | B of int | C of int * string [@@deriving variants]
type t = D | E of { r : int } | Type [@@deriving variants]
let rank v = Variants_of_v.to_rank v, Variants.descriptions
let first = b 3, is_c, c_val, d, type_
let each f = Variants_of_v.iter ~a:f ~b:(fun _ -> ()) ~c:(fun _ -> ())
