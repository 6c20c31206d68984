module Measure : Shape.S = Area

let () = exit (if Measure.area { width = 2; height = 3; unit = Metre } = 6 then 0 else 1)
