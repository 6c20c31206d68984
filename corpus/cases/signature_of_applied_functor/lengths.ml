module Metre = struct
  type t = float

  let one = 1.0
end

module Mile = struct
  type t = float

  let one = 1609.344
end

module To_miles = Conversion.Make (Metre) (Mile)
include To_miles
