module Syntax = struct
  let ( let* ) x f = match x with Some v -> f v | None -> None
  let ( let+ ) x f = match x with Some v -> Some (f v) | None -> None
end
let other = 1
