let letters = [ ('I', 1); ('V', 5); ('X', 10); ('L', 50); ('C', 100); ('D', 500); ('M', 1000) ]

let of_roman text =
  let value c = List.assoc_opt (Char.uppercase_ascii c) letters in
  let rec sum i before total =
    if i < 0 then Some total
    else
      Option.bind (value text.[i]) (fun v ->
          if v < before then sum (i - 1) before (total - v) else sum (i - 1) v (total + v))
  in
  if text = "" then None else sum (String.length text - 1) 0 0

let steps =
  [
    (1000, "M"); (900, "CM"); (500, "D"); (400, "CD"); (100, "C"); (90, "XC"); (50, "L"); (40, "XL"); (10, "X");
    (9, "IX"); (5, "V"); (4, "IV"); (1, "I");
  ]

let to_roman n =
  if n < 1 || n > 3999 then invalid_arg "to_roman";
  let rec go n = function
    | [] -> ""
    | (value, text) :: _ as all when n >= value -> text ^ go (n - value) all
    | _ :: rest -> go n rest
  in
  go n steps

let small =
  [|
    "zero"; "one"; "two"; "three"; "four"; "five"; "six"; "seven"; "eight"; "nine"; "ten"; "eleven"; "twelve";
    "thirteen"; "fourteen"; "fifteen"; "sixteen"; "seventeen"; "eighteen"; "nineteen";
  |]

let tens = [| ""; ""; "twenty"; "thirty"; "forty"; "fifty"; "sixty"; "seventy"; "eighty"; "ninety" |]

let rec spelled n =
  if n < 0 then "minus " ^ spelled (-n)
  else if n < 20 then small.(n)
  else if n < 100 then tens.(n / 10) ^ if n mod 10 = 0 then "" else "-" ^ small.(n mod 10)
  else if n < 1000 then
    small.(n / 100) ^ " hundred" ^ if n mod 100 = 0 then "" else " and " ^ spelled (n mod 100)
  else
    spelled (n / 1000) ^ " thousand"
    ^ if n mod 1000 = 0 then "" else (if n mod 1000 < 100 then " and " else " ") ^ spelled (n mod 1000)

let rec gcd a b = if b = 0 then abs a else gcd b (a mod b)

let digits ?(base = 10) n =
  let rec go n found = if n < base then n :: found else go (n / base) ((n mod base) :: found) in
  go (abs n) []

let checksum digits =
  let add (sum, weight) digit = (sum + (weight * digit), 4 - weight) in
  let sum, _ = List.fold_left add (0, 1) digits in
  (10 - (sum mod 10)) mod 10
