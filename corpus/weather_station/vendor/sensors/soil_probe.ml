(* Moisture of the soil from its permittivity: Topp's equation. *)

let moisture permittivity = Numerix.polynomial [| -5.3; 2.92; -0.055; 0.00043 |] permittivity

let self_test () =
  match Numerix.solve [| [| 1.; 5. |]; [| 1.; 40. |] |] [| moisture 5.; moisture 40. |] with
  | [| _; slope |] when slope > 0.5 -> Ok "wet is wetter than dry"
  | _ -> Error "the curve falls"
  | exception Numerix.Singular_matrix -> Error "no curve"

let () = Registry.register { quantity = "soil"; unit = "%"; minimum = -1.; maximum = 70.; convert = moisture; self_test }
