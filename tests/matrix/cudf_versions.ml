(* packages: cudf *)
(* A package universe. *)

let () =
  let package name version = { Cudf.default_package with Cudf.package = name; version; installed = version = 1 } in
  let universe = Cudf.load_universe [ package "tea" 1; package "tea" 2; package "pot" 1 ] in
  Printf.printf "%d of %d installed\n" (Cudf.installed_size universe) (Cudf.universe_size universe)
