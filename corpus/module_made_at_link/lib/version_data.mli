(* dune writes the implementation for each program. *)
val version : string option
val statically_linked_libraries : (string * string option) list
