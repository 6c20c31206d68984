(* packages: ppx_deriving.std *)
module M = struct
  type t = int [@@deriving show, eq, ord]
end
let shown = [%show: M.t]
let same = [%eq: M.t list]
let order = [%ord: M.t * int]
let whole = [%derive.show: M.t option]
let number = [%eq: int]
