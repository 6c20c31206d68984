let number = Flat.make 2 "two"

module Flat = struct
  let value = Flat.get number
end

let () = print_int Flat.value
