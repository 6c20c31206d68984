let () = print_int (Back.Prims.length [| 1; 2 |])
let () = List.iter print_int (List.map Back.Prims.length [ [| 1 |] ])
