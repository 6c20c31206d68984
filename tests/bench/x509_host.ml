(* packages: x509, domain-name *)
(* vendored: x509 *)
let () =
  let name = Domain_name.(host_exn (of_string_exn "example.org")) in
  Format.printf "%a@." X509.Host.pp (`Strict, name)
