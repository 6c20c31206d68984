(* packages: ipaddr *)
(* vendored: ipaddr, macaddr *)
let () =
  let net = Ipaddr.V4.Prefix.of_string_exn "10.1.0.0/16" in
  print_endline (Ipaddr.V4.to_string (Ipaddr.V4.Prefix.first net));
  print_endline (string_of_bool (Ipaddr.V4.Prefix.mem (Ipaddr.V4.of_string_exn "10.1.2.3") net))
