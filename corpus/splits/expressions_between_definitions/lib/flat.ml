print_string "first";;
let id x = x ;; let two = 2 ;; (* so far *)
print_string "second";;

let show x = Printf.sprintf "%d %s" x (String.make x 'x') ;; let three = 3 ;;
;;
let read s = Scanf.sscanf s "%d" (fun x -> x) let four = 4;;
print_string "last"
