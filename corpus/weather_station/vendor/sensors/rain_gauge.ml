(* Rain from the tips of a bucket; fast tipping loses water between the tips. *)

let per_tip = 0.2
let millimetres tips = if tips <= 0. then 0. else per_tip *. tips *. (1. +. (0.0004 *. tips))

let self_test () =
  let total = Numerix.simpson (fun t -> millimetres t) 0. 10. in
  if total > 9. && total < 12. then Ok "the bucket tips" else Error (Printf.sprintf "%.2f in place of 10" total)

let () = Registry.register { quantity = "rain"; unit = "mm"; minimum = 0.; maximum = 500.; convert = millimetres; self_test }
