let f = function Types_only.[ A; _ ] -> 1 | Types_only.[] -> 2 | _ -> 3
let g = function Types_only.[| A |] -> 1 | _ -> 2
let h Types_only.{ left; right = B } = left [@@warning "-8"]
let i = function Shape.(Round 1 | Flat) -> 1 | _ -> 2
let j f = try f () with Shape.(Torn Flat) -> 1
