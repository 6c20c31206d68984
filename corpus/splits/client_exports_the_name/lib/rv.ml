type t = int
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
