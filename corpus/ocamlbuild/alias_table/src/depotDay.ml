(* Days by their number since 1970. *)

type t = int

let is_leap year = (year mod 4 = 0 && year mod 100 <> 0) || year mod 400 = 0
let lengths = [| 31; 28; 31; 30; 31; 30; 31; 31; 30; 31; 30; 31 |]
let length year month = if month = 2 && is_leap year then 29 else lengths.(month - 1)

let of_date year month day =
  if month < 1 || month > 12 || day < 1 || day > length year month then
    failwith (Printf.sprintf "%04d-%02d-%02d is no day" year month day);
  let days = ref (day - 1) in
  for y = 1970 to year - 1 do days := !days + if is_leap y then 366 else 365 done;
  for m = 1 to month - 1 do days := !days + length year m done;
  !days

let to_date t =
  let rec years year rest =
    let n = if is_leap year then 366 else 365 in
    if rest >= n then years (year + 1) (rest - n) else (year, rest)
  in
  let rec months year month rest =
    let n = length year month in
    if rest >= n then months year (month + 1) (rest - n) else (year, month, rest + 1)
  in
  let year, rest = years 1970 t in
  months year 1 rest

let to_string t = let y, m, d = to_date t in Printf.sprintf "%04d-%02d-%02d" y m d
let weekday t = (t + 4) mod 7
let next_monday t = t + ((8 - weekday t) mod 7)
