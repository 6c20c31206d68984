type _ t = Int : int t | Pair : 'a t * 'b t -> ('a * 'b) t
type packed = Packed : _ t -> packed
let rec size : type a. a t -> int = function Int -> 1 | Pair (a, b) -> size a + size b
let hidden = 3
