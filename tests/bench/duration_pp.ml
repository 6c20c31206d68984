(* packages: duration *)
(* vendored: duration *)
let () = Format.printf "%a %d@." Duration.pp (Duration.of_hour 25) (Duration.to_min (Duration.of_sec 120))
