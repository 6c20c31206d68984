exception Bad of string

type info = { size : int }
type error = Short | Long of info

let base x = if x < 0 then raise (Bad "negative") else x

module V4 = struct
  type t = int
  let make x = base x
  let get x = x
  let text x = string_of_int x
  let check x = if x > 9 then Error (Long { size = x }) else Ok x
  let rec fold f acc n = if n = 0 then acc else fold f (f acc n) (n - 1)
  let hidden = 12
end

module V6 = struct
  type t = V4.t * V4.t
  let make a b = (V4.make a, V4.make b)
  let get (a, b) = V4.get a + V4.get b
  let text (a, b) = Printf.sprintf "%s:%s" (V4.text a) (V4.text b)
  let all n = List.init n (fun i -> text (make i (i + 1)))
end

let describe = function Short -> "short" | Long { size } -> Printf.sprintf "long %d" size
let table n = Array.init n (fun i -> V6.all i)
