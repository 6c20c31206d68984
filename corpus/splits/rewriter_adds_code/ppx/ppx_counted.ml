open Ppxlib

let counted item =
  let loc = item.pstr_loc in
  match item.pstr_desc with
  | Pstr_value _ -> [ item; [%stri let () = Count.up ()] ]
  | _ -> [ item ]

let () = Driver.register_transformation ~impl:(List.concat_map counted) "counted"
