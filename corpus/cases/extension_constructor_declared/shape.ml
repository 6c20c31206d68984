type t = Dot | Circle of int
type box = { width : int; height : int }
type ext = ..
type ext += Star of int
let area = function Dot -> 0 | Circle r -> 3 * r * r
