let a = Shape.[ Round unit; Flat ]
let b = Shape.[| Round 2 |]
let c = Shape.{ side = unit; top = Flat }
let d = Types_only.[ A; B ]
let e = Types_only.{ left = A; right = B }
