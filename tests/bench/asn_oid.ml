(* packages: asn1-combinators *)
(* vendored: asn1-combinators *)
let () = Format.printf "%a@." Asn.OID.pp Asn.OID.(base 1 2 <| 840 <| 113549)
