type t = int
let make x = x
module Set = Set.Make (Int)
module Table = struct
  include Map.Make (Int)
  let of_set s = Set.fold (fun x m -> add x x m) s empty
end
