(* packages: xml-light *)
(* A small XML document. *)

let () =
  match Xml.parse_string "<menu><item price='3'>tea</item></menu>" with
  | Xml.Element (_, _, items) -> List.iter (fun item -> print_endline (Xml.attrib item "price")) items
  | Xml.PCData text -> print_endline text
