module Turned = struct
  let ( -.- ) a b = Ops.(a +. (-1. *.+ b))
end

let describe a = Printf.sprintf "(%s)" (Ops.show a)
