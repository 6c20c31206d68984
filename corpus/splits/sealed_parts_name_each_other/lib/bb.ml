type t = { left : Aa.t; right : Aa.t }
type shape = Flat | Deep of t
let pair left right = { left; right }
let total { left; right } = left + right - (2 * Aa.secret)
