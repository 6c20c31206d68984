(* Numbers in words and in other numerals. *)

let small = [| "zero"; "one"; "two"; "three"; "four"; "five"; "six"; "seven"; "eight"; "nine"; "ten"; "eleven"; "twelve"; "thirteen"; "fourteen"; "fifteen"; "sixteen"; "seventeen"; "eighteen"; "nineteen" |]
let tens = [| ""; ""; "twenty"; "thirty"; "forty"; "fifty"; "sixty"; "seventy"; "eighty"; "ninety" |]

let rec in_words n =
  if n < 0 then "minus " ^ in_words (-n)
  else if n < 20 then small.(n)
  else if n < 100 then tens.(n / 10) ^ if n mod 10 = 0 then "" else "-" ^ small.(n mod 10)
  else
    let large size name =
      in_words (n / size) ^ " " ^ name ^ if n mod size = 0 then "" else (if size = 100 then " and " else " ") ^ in_words (n mod size)
    in
    if n < 1000 then large 100 "hundred" else if n < 1_000_000 then large 1000 "thousand" else large 1_000_000 "million"

let ordinal n =
  let suffix = match (n mod 100, n mod 10) with
    | (11 | 12 | 13), _ -> "th"
    | _, 1 -> "st"
    | _, 2 -> "nd"
    | _, 3 -> "rd"
    | _ -> "th"
  in
  string_of_int n ^ suffix

let roman_digits = [ (1000, "M"); (900, "CM"); (500, "D"); (400, "CD"); (100, "C"); (90, "XC"); (50, "L"); (40, "XL"); (10, "X"); (9, "IX"); (5, "V"); (4, "IV"); (1, "I") ]

let roman n =
  let rec go n digits = match digits with
    | [] -> ""
    | (value, text) :: _ when n >= value -> text ^ go (n - value) digits
    | _ :: rest -> go n rest
  in
  go n roman_digits

let grouped n =
  let digits = string_of_int (abs n) in
  let rec go text = let l = String.length text in if l <= 3 then text else go (String.sub text 0 (l - 3)) ^ "," ^ String.sub text (l - 3) 3 in
  (if n < 0 then "-" else "") ^ go digits
