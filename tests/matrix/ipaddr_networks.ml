(* packages: ipaddr *)
(* Which addresses lie in which network? *)

let () =
  let networks = List.map Ipaddr.Prefix.of_string_exn [ "10.0.0.0/8"; "192.168.1.0/24"; "2001:db8::/32" ] in
  List.iter
    (fun text ->
      match Ipaddr.of_string text with
      | Error (`Msg message) -> prerr_endline message
      | Ok address ->
          let inside = List.filter (Ipaddr.Prefix.mem address) networks in
          print_endline (text ^ ": " ^ String.concat " " (List.map Ipaddr.Prefix.to_string inside)))
    [ "10.1.2.3"; "2001:db8::1"; "8.8.8.8"; "nowhere" ]
