(* packages: ipaddr *)
(* vendored: ipaddr, macaddr *)
let () = print_endline (Ipaddr.V6.to_string (Ipaddr.V6.of_string_exn "2001:db8::1"))
