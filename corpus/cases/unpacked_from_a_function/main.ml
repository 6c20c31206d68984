module First = struct
  open List
  open (val Maker.make 1)
  let n = length "abc"
end
module Second = struct
  open Array
  let n =
    let module M = (val Maker.plain) in
    M.length "x" + M.Sub.rev 3
end
module Third = struct
  open Bytes
  open (val Chooser.choose Chooser.Small)
  let n = concat
end
let fourth =
  let open Filename in
  let open (val Chooser.ends_with 3) in
  concat
let fifth =
  let open String in
  let open (val (Chooser.typed 0)) in
  concat
let () = print_int (First.n + Second.n + Third.n + fourth + fifth)
