(* packages: yojson *)
(* Writes JSON of the basic kind only. *)

let () =
  let person name age : Yojson.Basic.t = `Assoc [ ("name", `String name); ("age", `Int age) ] in
  Yojson.Basic.to_channel stdout (`List [ person "ada" 36; person "bob" 41 ])
