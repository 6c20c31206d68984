(* packages: ppx_variants_conv variantslib *)
type v = A | B of int | C of int * string [@@deriving variants]
