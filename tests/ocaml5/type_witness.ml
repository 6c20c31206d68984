(* packages: *)
(* Types that are compared as the program runs. *)

type packed = Packed : 'a Type.Id.t * 'a -> packed

let int : int Type.Id.t = Type.Id.make ()
let text : string Type.Id.t = Type.Id.make ()

let find (type a) (wanted : a Type.Id.t) packed : a option =
  let (Packed (id, value)) = packed in
  match Type.Id.provably_equal wanted id with Some Type.Equal -> Some value | None -> None

let () =
  let values = [ Packed (int, 3); Packed (text, "three") ] in
  List.iter print_endline (List.filter_map (find text) values)
