[@@@note Tally.add 1]
let v = 1 [@@deprecated "use Tally.add"] [@@note Tally.add 2]
let () = print_int (v [@note Tally.add 3])
(* Tally.add *)
