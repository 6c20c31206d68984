class counter = object
  val mutable n = 0
  method next = n <- n + 1; n
end
class type named = object method name : string end
let label = "counter"
