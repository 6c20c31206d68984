type colour = Red
let red = Red
class type painted = object method colour : colour end
