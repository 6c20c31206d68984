(* packages: rresult *)
(* Results with messages. *)

open Rresult

let parse text = R.of_option ~none:(fun () -> R.error_msgf "%s is no number" text) (int_of_string_opt text)
let divide a b = if b = 0 then R.error_msg "division by zero" else R.ok (a / b)

let () =
  match parse "12" >>= fun a -> parse "0" >>= divide a with
  | Ok n -> print_endline (string_of_int n)
  | Error (`Msg message) -> prerr_endline message
