(* packages: x509 *)
(* vendored: x509 *)
let () =
  let dn = X509.Distinguished_name.[ Relative_distinguished_name.singleton (CN "example.org") ] in
  Format.printf "%a@." X509.Distinguished_name.pp dn
