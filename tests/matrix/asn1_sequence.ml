(* packages: asn1-combinators *)
(* Encodes and decodes a small ASN.1 sequence. *)

let point = Asn.S.(sequence2 (required ~label:"x" int) (required ~label:"y" int))
let codec = Asn.codec Asn.der point

let () =
  let bytes = Asn.encode codec (3, 4) in
  match Asn.decode codec bytes with
  | Ok ((x, y), _) -> Printf.printf "%d bytes: %d %d\n" (Cstruct.length bytes) x y
  | Error (`Parse message) -> prerr_endline message
