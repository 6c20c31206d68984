(* packages: ipaddr *)
(* vendored: ipaddr, macaddr *)
let () =
  List.iter
    (fun text ->
      match Ipaddr.of_string text with
      | Ok address -> print_endline (Ipaddr.to_string address)
      | Error (`Msg message) -> print_endline message)
    [ "127.0.0.1"; "::1"; "300.0.0.1" ]
