type 'a pair = { left : 'a; right : 'a }

let swap { left; right } = { left = right; right = left }

module V4 = struct
  type t = int
  let make x = x
  let get x = x
  let halves x = { left = x / 2; right = x - (x / 2) }
  let rec fold f acc n = if n = 0 then acc else fold f (f acc n) (n - 1)
end

module V6 = struct
  type t = V4.t * V4.t
  let make a b = (V4.make a, V4.make b)
  let get (a, b) = V4.get a + V4.get b
  let text (a, b) = Printf.sprintf "%d:%d" (V4.get a) (V4.get b)
  let all n = List.init n (fun i -> text (make i (i + 1)))
end

let table n = Array.init n (fun i -> V6.all i)
