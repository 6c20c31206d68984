let double x = 2 * x

let show0 l =
  Printf.sprintf "list 0: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show1 l =
  Printf.sprintf "list 1: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show2 l =
  Printf.sprintf "list 2: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show3 l =
  Printf.sprintf "list 3: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show4 l =
  Printf.sprintf "list 4: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show5 l =
  Printf.sprintf "list 5: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show6 l =
  Printf.sprintf "list 6: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show7 l =
  Printf.sprintf "list 7: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show8 l =
  Printf.sprintf "list 8: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show9 l =
  Printf.sprintf "list 9: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show10 l =
  Printf.sprintf "list 10: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show11 l =
  Printf.sprintf "list 11: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show12 l =
  Printf.sprintf "list 12: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show13 l =
  Printf.sprintf "list 13: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show14 l =
  Printf.sprintf "list 14: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show15 l =
  Printf.sprintf "list 15: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show16 l =
  Printf.sprintf "list 16: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show17 l =
  Printf.sprintf "list 17: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show18 l =
  Printf.sprintf "list 18: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show19 l =
  Printf.sprintf "list 19: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show20 l =
  Printf.sprintf "list 20: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show21 l =
  Printf.sprintf "list 21: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show22 l =
  Printf.sprintf "list 22: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show23 l =
  Printf.sprintf "list 23: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show24 l =
  Printf.sprintf "list 24: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show25 l =
  Printf.sprintf "list 25: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show26 l =
  Printf.sprintf "list 26: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show27 l =
  Printf.sprintf "list 27: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show28 l =
  Printf.sprintf "list 28: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)

let show29 l =
  Printf.sprintf "list 29: %s and %d elements" (String.concat ", " (List.map string_of_int l)) (List.length l)
