module Spaced = struct
  open Filename
  open (val Maker.spaced ())
  let n = concat
end
module Commented = struct
  open String
  open (val Maker.(commented ()))
  let n = concat
end
module Annotated = struct
  open Bytes
  open (val 1 |> Maker.annotated)
  let n = concat
end
module Attributed = struct
  open List
  open (val Maker.attributed @@ ())
  let n = concat
end
module Opened = struct
  open Array
  open (val let unit = () in Maker.opened unit)
  let n = concat
end
module Attempted = struct
  open ListLabels
  open (val if Maker.Small.concat = 1 then Maker.attempted () else Maker.attempted ())
  let n = concat
end
module Coerced = struct
  open ArrayLabels
  open (val match Maker.patterned with m -> Maker.coerced m)
  let n = concat
end
module Patterned = struct
  open StringLabels
  open (val Maker.patterned)
  let n = concat
end
module Same = struct
  open BytesLabels
  open (val (Maker.same [@inlined never]) Maker.patterned)
  let n = concat
end
let () =
  print_int (Spaced.n + Commented.n + Annotated.n + Attributed.n + Opened.n);
  print_int (Attempted.n + Coerced.n + Patterned.n + Same.n)
