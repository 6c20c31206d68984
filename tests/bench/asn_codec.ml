(* packages: asn1-combinators, cstruct *)
(* vendored: asn1-combinators *)
let () =
  let codec = Asn.codec Asn.der Asn.S.(sequence2 (required int) (required bool)) in
  let bytes = Asn.encode codec (42, true) in
  Cstruct.hexdump bytes
