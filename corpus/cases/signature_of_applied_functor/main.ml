module L = Lengths

module Checked (C : Scale.Signature(Lengths.Metre)(Lengths.Mile).T) = struct
  let name = C.name
end

let () = print_endline (Lengths.name ^ string_of_float (Lengths.To_miles.convert L.Metre.one))
