type t = int
type weekday = Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday

let is_leap year = (year mod 4 = 0 && year mod 100 <> 0) || year mod 400 = 0
let lengths = [| 31; 28; 31; 30; 31; 30; 31; 31; 30; 31; 30; 31 |]
let length year month = if month = 2 && is_leap year then 29 else lengths.(month - 1)

let number year month day =
  let year = if month > 2 then year else year - 1 in
  let era = (if year >= 0 then year else year - 399) / 400 in
  let of_era = year - (era * 400) in
  let shifted = if month > 2 then month - 3 else month + 9 in
  let of_year = (((153 * shifted) + 2) / 5) + day - 1 in
  let days = (of_era * 365) + (of_era / 4) - (of_era / 100) + of_year in
  (era * 146097) + days - 719468

let of_date year month day =
  if month < 1 || month > 12 || day < 1 || day > length year month then None else Some (number year month day)

let to_date t =
  let t = t + 719468 in
  let era = (if t >= 0 then t else t - 146096) / 146097 in
  let of_era = t - (era * 146097) in
  let year = (of_era - (of_era / 1460) + (of_era / 36524) - (of_era / 146096)) / 365 in
  let of_year = of_era - ((365 * year) + (year / 4) - (year / 100)) in
  let shifted = ((5 * of_year) + 2) / 153 in
  let day = of_year - (((153 * shifted) + 2) / 5) + 1 in
  let month = if shifted < 10 then shifted + 3 else shifted - 9 in
  ((year + (era * 400) + if month <= 2 then 1 else 0), month, day)

let weekday t =
  match (((t + 3) mod 7) + 7) mod 7 with
  | 0 -> Monday
  | 1 -> Tuesday
  | 2 -> Wednesday
  | 3 -> Thursday
  | 4 -> Friday
  | 5 -> Saturday
  | _ -> Sunday

let add t days = t + days
let distance a b = abs (a - b)

let easter year =
  let a = year mod 19 and b = year / 100 and c = year mod 100 in
  let d = b / 4 and e = b mod 4 in
  let f = (b + 8) / 25 in
  let g = (b - f + 1) / 3 in
  let h = ((19 * a) + b - d - g + 15) mod 30 in
  let i = c / 4 and k = c mod 4 in
  let l = (32 + (2 * e) + (2 * i) - h - k) mod 7 in
  let m = (a + (11 * h) + (22 * l)) / 451 in
  let month = (h + l - (7 * m) + 114) / 31 in
  number year month (((h + l - (7 * m) + 114) mod 31) + 1)

let week t =
  let thursday = t - ((((t + 3) mod 7) + 7) mod 7) + 3 in
  let year, _, _ = to_date thursday in
  ((thursday - number year 1 1) / 7) + 1

let two n = if n < 10 then "0" ^ string_of_int n else string_of_int n

let to_string t =
  let year, month, day = to_date t in
  string_of_int year ^ "-" ^ two month ^ "-" ^ two day

let year_spelled t =
  let year, _, _ = to_date t in
  Numbers.spelled year
