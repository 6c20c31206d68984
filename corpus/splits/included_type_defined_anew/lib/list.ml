include ListLabels

type 'a t = 'a list

let is_empty = function
  | [] -> true
  | _ -> false

let filter_map l ~f = rev (fold_left l ~init:[] ~f:(fun acc x -> match f x with Some y -> y :: acc | None -> acc))

let sort t ~compare = sort t ~cmp:compare

let show0 l =
  Printf.sprintf "list 0: %s and %d elements" (String.concat ", " (map ~f:string_of_int l)) (length l)

let show1 l =
  Printf.sprintf "list 1: %s and %d elements" (String.concat ", " (map ~f:string_of_int l)) (length l)

let show2 l =
  Printf.sprintf "list 2: %s and %d elements" (String.concat ", " (map ~f:string_of_int l)) (length l)

let show3 l =
  Printf.sprintf "list 3: %s and %d elements" (String.concat ", " (map ~f:string_of_int l)) (length l)

let show4 l =
  Printf.sprintf "list 4: %s and %d elements" (String.concat ", " (map ~f:string_of_int l)) (length l)

let show5 l =
  Printf.sprintf "list 5: %s and %d elements" (String.concat ", " (map ~f:string_of_int l)) (length l)

let show6 l =
  Printf.sprintf "list 6: %s and %d elements" (String.concat ", " (map ~f:string_of_int l)) (length l)

let show7 l =
  Printf.sprintf "list 7: %s and %d elements" (String.concat ", " (map ~f:string_of_int l)) (length l)
