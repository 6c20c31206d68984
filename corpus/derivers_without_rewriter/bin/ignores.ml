type t = { p : Prefixed.t } [@@deriving sexp]

let () = print_endline (Plain.show { Plain.p = []; n = 1 })
