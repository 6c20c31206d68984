(* Monthly normals by zone, and how far a day is from them. *)

type month = {
  mean : float;
  low : float;
  high : float;
  rain : float;
  rain_days : float;
  sun : float;
  wind : float;
}

type zone = { name : string; height : float; months : month array }

let zones =
  [
    {
      name = "coast";
      height = 5.;
      months =
        [|
          { mean = 2.7; low = -1.4; high = 7.1; rain = 50.0; rain_days = 12.0; sun = 30.5; wind = 4.3 };
          { mean = 2.8; low = -1.3; high = 7.2; rain = 67.8; rain_days = 10.6; sun = 38.6; wind = 4.2 };
          { mean = 4.8; low = 0.7; high = 9.2; rain = 66.2; rain_days = 7.8; sun = 71.2; wind = 3.9 };
          { mean = 8.0; low = 3.9; high = 12.4; rain = 46.8; rain_days = 6.0; sun = 119.5; wind = 3.5 };
          { mean = 11.7; low = 7.6; high = 16.1; rain = 31.0; rain_days = 7.0; sun = 170.7; wind = 3.1 };
          { mean = 14.7; low = 10.6; high = 19.1; rain = 35.9; rain_days = 9.9; sun = 210.9; wind = 2.8 };
          { mean = 16.3; low = 12.2; high = 20.7; rain = 56.2; rain_days = 11.9; sun = 229.5; wind = 2.7 };
          { mean = 16.2; low = 12.1; high = 20.6; rain = 69.8; rain_days = 11.3; sun = 221.4; wind = 2.8 };
          { mean = 14.2; low = 10.1; high = 18.6; rain = 61.7; rain_days = 8.6; sun = 188.8; wind = 3.1 };
          { mean = 11.0; low = 6.9; high = 15.4; rain = 40.8; rain_days = 6.3; sun = 140.5; wind = 3.5 };
          { mean = 7.3; low = 3.2; high = 11.7; rain = 30.0; rain_days = 6.5; sun = 89.3; wind = 3.9 };
          { mean = 4.3; low = 0.2; high = 8.7; rain = 41.0; rain_days = 9.0; sun = 49.1; wind = 4.2 };
        |];
    };
    {
      name = "lowland";
      height = 40.;
      months =
        [|
          { mean = 0.4; low = -3.7; high = 4.8; rain = 76.8; rain_days = 12.6; sun = 29.5; wind = 5.3 };
          { mean = 0.6; low = -3.5; high = 5.0; rain = 77.3; rain_days = 11.2; sun = 37.6; wind = 5.2 };
          { mean = 3.2; low = -0.9; high = 7.6; rain = 58.8; rain_days = 8.4; sun = 70.2; wind = 4.9 };
          { mean = 7.3; low = 3.2; high = 11.7; rain = 41.7; rain_days = 6.6; sun = 118.5; wind = 4.5 };
          { mean = 12.0; low = 7.9; high = 16.4; rain = 44.5; rain_days = 7.6; sun = 169.7; wind = 4.1 };
          { mean = 15.9; low = 11.8; high = 20.3; rain = 64.3; rain_days = 10.5; sun = 209.9; wind = 3.8 };
          { mean = 18.0; low = 13.9; high = 22.4; rain = 79.4; rain_days = 12.5; sun = 228.5; wind = 3.7 };
          { mean = 17.8; low = 13.7; high = 22.2; rain = 73.3; rain_days = 11.9; sun = 220.4; wind = 3.8 };
          { mean = 15.2; low = 11.1; high = 19.6; rain = 52.7; rain_days = 9.2; sun = 187.8; wind = 4.1 };
          { mean = 11.1; low = 7.0; high = 15.5; rain = 40.1; rain_days = 6.9; sun = 139.5; wind = 4.5 };
          { mean = 6.4; low = 2.3; high = 10.8; rain = 49.3; rain_days = 7.1; sun = 88.3; wind = 4.9 };
          { mean = 2.5; low = -1.6; high = 6.9; rain = 70.2; rain_days = 9.6; sun = 48.1; wind = 5.2 };
        |];
    };
    {
      name = "valley";
      height = 180.;
      months =
        [|
          { mean = -0.8; low = -4.9; high = 3.6; rain = 88.2; rain_days = 13.2; sun = 28.5; wind = 6.3 };
          { mean = -0.5; low = -4.6; high = 3.9; rain = 70.8; rain_days = 11.8; sun = 36.6; wind = 6.2 };
          { mean = 2.3; low = -1.8; high = 6.7; rain = 52.6; rain_days = 9.0; sun = 69.2; wind = 5.9 };
          { mean = 6.9; low = 2.8; high = 11.3; rain = 53.4; rain_days = 7.2; sun = 117.5; wind = 5.5 };
          { mean = 12.1; low = 8.0; high = 16.5; rain = 72.3; rain_days = 8.2; sun = 168.7; wind = 5.1 };
          { mean = 16.4; low = 12.3; high = 20.8; rain = 88.8; rain_days = 11.1; sun = 208.9; wind = 4.8 };
          { mean = 18.8; low = 14.7; high = 23.2; rain = 84.7; rain_days = 13.1; sun = 227.5; wind = 4.7 };
          { mean = 18.5; low = 14.4; high = 22.9; rain = 64.6; rain_days = 12.5; sun = 219.4; wind = 4.8 };
          { mean = 15.7; low = 11.6; high = 20.1; rain = 50.4; rain_days = 9.8; sun = 186.8; wind = 5.1 };
          { mean = 11.1; low = 7.0; high = 15.5; rain = 57.6; rain_days = 7.5; sun = 138.5; wind = 5.5 };
          { mean = 5.9; low = 1.8; high = 10.3; rain = 78.4; rain_days = 7.7; sun = 87.3; wind = 5.9 };
          { mean = 1.6; low = -2.5; high = 6.0; rain = 90.0; rain_days = 10.2; sun = 47.1; wind = 6.2 };
        |];
    };
    {
      name = "foothills";
      height = 420.;
      months =
        [|
          { mean = -2.0; low = -6.1; high = 2.4; rain = 82.8; rain_days = 13.8; sun = 27.5; wind = 4.3 };
          { mean = -1.7; low = -5.8; high = 2.7; rain = 63.6; rain_days = 12.4; sun = 35.6; wind = 4.2 };
          { mean = 1.1; low = -3.0; high = 5.5; rain = 62.3; rain_days = 9.6; sun = 68.2; wind = 3.9 };
          { mean = 5.7; low = 1.6; high = 10.1; rain = 80.3; rain_days = 7.8; sun = 116.5; wind = 3.5 };
          { mean = 10.9; low = 6.8; high = 15.3; rain = 98.0; rain_days = 8.8; sun = 167.7; wind = 3.1 };
          { mean = 15.2; low = 11.1; high = 19.6; rain = 96.0; rain_days = 11.7; sun = 207.9; wind = 2.8 };
          { mean = 17.6; low = 13.5; high = 22.0; rain = 76.5; rain_days = 13.7; sun = 226.5; wind = 2.7 };
          { mean = 17.3; low = 13.2; high = 21.7; rain = 60.9; rain_days = 13.1; sun = 218.4; wind = 2.8 };
          { mean = 14.5; low = 10.4; high = 18.9; rain = 66.1; rain_days = 10.4; sun = 185.8; wind = 3.1 };
          { mean = 9.9; low = 5.8; high = 14.3; rain = 86.5; rain_days = 8.1; sun = 137.5; wind = 3.5 };
          { mean = 4.7; low = 0.6; high = 9.1; rain = 99.8; rain_days = 8.3; sun = 86.3; wind = 3.9 };
          { mean = 0.4; low = -3.7; high = 4.8; rain = 91.4; rain_days = 10.8; sun = 46.1; wind = 4.2 };
        |];
    };
    {
      name = "plateau";
      height = 700.;
      months =
        [|
          { mean = -3.3; low = -7.4; high = 1.1; rain = 74.9; rain_days = 14.4; sun = 26.5; wind = 5.3 };
          { mean = -3.0; low = -7.1; high = 1.4; rain = 71.5; rain_days = 13.0; sun = 34.6; wind = 5.2 };
          { mean = -0.2; low = -4.3; high = 4.2; rain = 88.3; rain_days = 10.2; sun = 67.2; wind = 4.9 };
          { mean = 4.4; low = 0.3; high = 8.8; rain = 107.0; rain_days = 8.4; sun = 115.5; wind = 4.5 };
          { mean = 9.6; low = 5.5; high = 14.0; rain = 107.1; rain_days = 9.4; sun = 166.7; wind = 4.1 };
          { mean = 13.9; low = 9.8; high = 18.3; rain = 88.5; rain_days = 12.3; sun = 206.9; wind = 3.8 };
          { mean = 16.3; low = 12.2; high = 20.7; rain = 71.5; rain_days = 14.3; sun = 225.5; wind = 3.7 };
          { mean = 16.0; low = 11.9; high = 20.4; rain = 74.8; rain_days = 13.7; sun = 217.4; wind = 3.8 };
          { mean = 13.2; low = 9.1; high = 17.6; rain = 94.6; rain_days = 11.0; sun = 184.8; wind = 4.1 };
          { mean = 8.6; low = 4.5; high = 13.0; rain = 109.4; rain_days = 8.7; sun = 136.5; wind = 4.5 };
          { mean = 3.4; low = -0.7; high = 7.8; rain = 103.0; rain_days = 8.9; sun = 85.3; wind = 4.9 };
          { mean = -0.9; low = -5.0; high = 3.5; rain = 82.4; rain_days = 11.4; sun = 45.1; wind = 5.2 };
        |];
    };
    {
      name = "mountain";
      height = 1400.;
      months =
        [|
          { mean = -6.8; low = -10.9; high = -2.4; rain = 80.8; rain_days = 15.0; sun = 25.5; wind = 6.3 };
          { mean = -6.6; low = -10.7; high = -2.2; rain = 96.4; rain_days = 13.6; sun = 33.6; wind = 6.2 };
          { mean = -4.0; low = -8.1; high = 0.4; rain = 115.9; rain_days = 10.8; sun = 66.2; wind = 5.9 };
          { mean = 0.1; low = -4.0; high = 4.5; rain = 118.0; rain_days = 9.0; sun = 114.5; wind = 5.5 };
          { mean = 4.8; low = 0.7; high = 9.2; rain = 100.5; rain_days = 10.0; sun = 165.7; wind = 5.1 };
          { mean = 8.7; low = 4.6; high = 13.1; rain = 82.4; rain_days = 12.9; sun = 205.9; wind = 4.8 };
          { mean = 10.8; low = 6.7; high = 15.2; rain = 83.5; rain_days = 14.9; sun = 224.5; wind = 4.7 };
          { mean = 10.6; low = 6.5; high = 15.0; rain = 102.7; rain_days = 14.3; sun = 216.4; wind = 4.8 };
          { mean = 8.0; low = 3.9; high = 12.4; rain = 118.9; rain_days = 11.6; sun = 183.8; wind = 5.1 };
          { mean = 3.9; low = -0.2; high = 8.3; rain = 114.5; rain_days = 9.3; sun = 135.5; wind = 5.5 };
          { mean = -0.8; low = -4.9; high = 3.6; rain = 94.2; rain_days = 9.5; sun = 84.3; wind = 5.9 };
          { mean = -4.7; low = -8.8; high = -0.3; rain = 80.3; rain_days = 12.0; sun = 44.1; wind = 6.2 };
        |];
    };
    {
      name = "lake";
      height = 390.;
      months =
        [|
          { mean = 1.0; low = -3.1; high = 5.4; rain = 104.4; rain_days = 15.6; sun = 24.5; wind = 4.3 };
          { mean = 1.2; low = -2.9; high = 5.6; rain = 124.6; rain_days = 14.2; sun = 32.6; wind = 4.2 };
          { mean = 3.4; low = -0.7; high = 7.8; rain = 128.8; rain_days = 11.4; sun = 65.2; wind = 3.9 };
          { mean = 7.1; low = 3.0; high = 11.5; rain = 112.5; rain_days = 9.6; sun = 113.5; wind = 3.5 };
          { mean = 11.3; low = 7.2; high = 15.7; rain = 93.4; rain_days = 10.6; sun = 164.7; wind = 3.1 };
          { mean = 14.7; low = 10.6; high = 19.1; rain = 92.5; rain_days = 13.5; sun = 204.9; wind = 2.8 };
          { mean = 16.6; low = 12.5; high = 21.0; rain = 110.7; rain_days = 15.5; sun = 223.5; wind = 2.7 };
          { mean = 16.4; low = 12.3; high = 20.8; rain = 128.1; rain_days = 14.9; sun = 215.4; wind = 2.8 };
          { mean = 14.2; low = 10.1; high = 18.6; rain = 125.8; rain_days = 12.2; sun = 182.8; wind = 3.1 };
          { mean = 10.5; low = 6.4; high = 14.9; rain = 106.2; rain_days = 9.9; sun = 134.5; wind = 3.5 };
          { mean = 6.3; low = 2.2; high = 10.7; rain = 90.8; rain_days = 10.1; sun = 83.3; wind = 3.9 };
          { mean = 2.9; low = -1.2; high = 7.3; rain = 96.4; rain_days = 12.6; sun = 43.1; wind = 4.2 };
        |];
    };
    {
      name = "city";
      height = 60.;
      months =
        [|
          { mean = 1.6; low = -2.5; high = 6.0; rain = 133.1; rain_days = 16.2; sun = 23.5; wind = 5.3 };
          { mean = 1.8; low = -2.3; high = 6.2; rain = 139.4; rain_days = 14.8; sun = 31.6; wind = 5.2 };
          { mean = 4.4; low = 0.3; high = 8.8; rain = 124.5; rain_days = 12.0; sun = 64.2; wind = 4.9 };
          { mean = 8.5; low = 4.4; high = 12.9; rain = 104.6; rain_days = 10.2; sun = 112.5; wind = 4.5 };
          { mean = 13.2; low = 9.1; high = 17.6; rain = 101.6; rain_days = 11.2; sun = 163.7; wind = 4.1 };
          { mean = 17.1; low = 13.0; high = 21.5; rain = 118.7; rain_days = 14.1; sun = 203.9; wind = 3.8 };
          { mean = 19.2; low = 15.1; high = 23.6; rain = 137.2; rain_days = 16.1; sun = 222.5; wind = 3.7 };
          { mean = 19.0; low = 14.9; high = 23.4; rain = 136.9; rain_days = 15.5; sun = 214.4; wind = 3.8 };
          { mean = 16.4; low = 12.3; high = 20.8; rain = 118.2; rain_days = 12.8; sun = 181.8; wind = 4.1 };
          { mean = 12.3; low = 8.2; high = 16.7; rain = 101.4; rain_days = 10.5; sun = 133.5; wind = 4.5 };
          { mean = 7.6; low = 3.5; high = 12.0; rain = 105.0; rain_days = 10.7; sun = 82.3; wind = 4.9 };
          { mean = 3.7; low = -0.4; high = 8.1; rain = 125.0; rain_days = 13.2; sun = 42.1; wind = 5.2 };
        |];
    };
  ]

let find name = List.find_opt (fun zone -> String.equal zone.name name) zones

(* The zone whose height is closest. *)
let of_height height =
  match zones with
  | [] -> invalid_arg "Climate.of_height"
  | first :: rest ->
      let closer a b = if Float.abs (b.height -. height) < Float.abs (a.height -. height) then b else a in
      List.fold_left closer first rest

let year select zone = Array.fold_left (fun sum month -> sum +. select month) 0. zone.months /. 12.
let annual_rain zone = Array.fold_left (fun sum month -> sum +. month.rain) 0. zone.months
let annual_mean zone = year (fun month -> month.mean) zone

(* Normals of a day, between the middles of two months. *)
let normal select zone ~day_of_year =
  let at = (float_of_int day_of_year -. 15.) /. 30.44 in
  let first = int_of_float (Float.floor at) in
  let share = at -. float_of_int first in
  let month i = select zone.months.(((i mod 12) + 12) mod 12) in
  ((1. -. share) *. month first) +. (share *. month (first + 1))

type class_ = Tropical | Arid | Temperate | Continental | Polar

let classify zone =
  let means = Array.map (fun month -> month.mean) zone.months in
  let coldest = Array.fold_left min infinity means and warmest = Array.fold_left max neg_infinity means in
  if annual_rain zone < 20. *. (annual_mean zone +. 7.) then Arid
  else if coldest >= 18. then Tropical
  else if warmest < 10. then Polar
  else if coldest < -3. then Continental
  else Temperate

let class_name = function
  | Tropical -> "tropical"
  | Arid -> "arid"
  | Temperate -> "temperate"
  | Continental -> "continental"
  | Polar -> "polar"

let anomaly ~day_of_year ~mean zone = mean -. normal (fun month -> month.mean) zone ~day_of_year

let anomaly_text difference =
  if Float.abs difference < 1. then "about normal"
  else Printf.sprintf "%.1f degrees %s than normal" (Float.abs difference) (if difference > 0. then "warmer" else "colder")
