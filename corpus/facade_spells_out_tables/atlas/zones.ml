type t = { city : string; minutes : int }

let all =
  [
    { city = "Amsterdam"; minutes = 60 };
    { city = "Athens"; minutes = 120 };
    { city = "Auckland"; minutes = 720 };
    { city = "Baghdad"; minutes = 180 };
    { city = "Bangkok"; minutes = 420 };
    { city = "Beijing"; minutes = 480 };
    { city = "Berlin"; minutes = 60 };
    { city = "Bogota"; minutes = (-300) };
    { city = "Brussels"; minutes = 60 };
    { city = "Bucharest"; minutes = 120 };
    { city = "Budapest"; minutes = 60 };
    { city = "Cairo"; minutes = 120 };
    { city = "Caracas"; minutes = (-240) };
    { city = "Chicago"; minutes = (-360) };
    { city = "Dakar"; minutes = 0 };
    { city = "Delhi"; minutes = 330 };
    { city = "Denver"; minutes = (-420) };
    { city = "Dhaka"; minutes = 360 };
    { city = "Dubai"; minutes = 240 };
    { city = "Dublin"; minutes = 0 };
    { city = "Halifax"; minutes = (-240) };
    { city = "Hanoi"; minutes = 420 };
    { city = "Havana"; minutes = (-300) };
    { city = "Helsinki"; minutes = 120 };
    { city = "Honolulu"; minutes = (-600) };
    { city = "Istanbul"; minutes = 180 };
    { city = "Jakarta"; minutes = 420 };
    { city = "Kabul"; minutes = 270 };
    { city = "Karachi"; minutes = 300 };
    { city = "Kathmandu"; minutes = 345 };
    { city = "Kyiv"; minutes = 120 };
    { city = "Lagos"; minutes = 60 };
    { city = "Lima"; minutes = (-300) };
    { city = "Lisbon"; minutes = 0 };
    { city = "London"; minutes = 0 };
    { city = "Madrid"; minutes = 60 };
    { city = "Manila"; minutes = 480 };
    { city = "Mexico City"; minutes = (-360) };
    { city = "Montevideo"; minutes = (-180) };
    { city = "Nairobi"; minutes = 180 };
    { city = "New York"; minutes = (-300) };
    { city = "Oslo"; minutes = 60 };
    { city = "Paris"; minutes = 60 };
    { city = "Perth"; minutes = 480 };
    { city = "Prague"; minutes = 60 };
    { city = "Reykjavik"; minutes = 0 };
    { city = "Rome"; minutes = 60 };
    { city = "Santiago"; minutes = (-240) };
    { city = "Seoul"; minutes = 540 };
    { city = "Singapore"; minutes = 480 };
    { city = "Sofia"; minutes = 120 };
    { city = "Stockholm"; minutes = 60 };
    { city = "Sydney"; minutes = 600 };
    { city = "Tehran"; minutes = 210 };
    { city = "Tokyo"; minutes = 540 };
    { city = "Toronto"; minutes = (-300) };
    { city = "Vienna"; minutes = 60 };
    { city = "Warsaw"; minutes = 60 };
    { city = "Yerevan"; minutes = 240 };
    { city = "Zagreb"; minutes = 60 };
  ]

let city zone = zone.city
let minutes zone = zone.minutes
let of_city city = List.find_opt (fun zone -> String.equal zone.city city) all

let show zone =
  let sign = if zone.minutes < 0 then '-' else '+' in
  let minutes = abs zone.minutes in
  Printf.sprintf "UTC%c%02d:%02d" sign (minutes / 60) (minutes mod 60)
