(* Two halves: [small] things without dependencies, and printing. *)
let double x = 2 * x
let triple x = 3 * x
let check x = if x < 0 then invalid_arg "check" else x

let show0 x y = Printf.sprintf "value %d of 0: %d and %s" x (x + 0) y
let show1 x y = Printf.sprintf "value %d of 1: %d and %s" x (x + 1) y
let show2 x y = Printf.sprintf "value %d of 2: %d and %s" x (x + 2) y
let show3 x y = Printf.sprintf "value %d of 3: %d and %s" x (x + 3) y
let show4 x y = Printf.sprintf "value %d of 4: %d and %s" x (x + 4) y
let show5 x y = Printf.sprintf "value %d of 5: %d and %s" x (x + 5) y
let show6 x y = Printf.sprintf "value %d of 6: %d and %s" x (x + 6) y
let show7 x y = Printf.sprintf "value %d of 7: %d and %s" x (x + 7) y
let show8 x y = Printf.sprintf "value %d of 8: %d and %s" x (x + 8) y
let show9 x y = Printf.sprintf "value %d of 9: %d and %s" x (x + 9) y
let show10 x y = Printf.sprintf "value %d of 10: %d and %s" x (x + 10) y
let show11 x y = Printf.sprintf "value %d of 11: %d and %s" x (x + 11) y

let table = Hashtbl.create 16
let add k v = Hashtbl.replace table k v
let dump () = Hashtbl.iter (fun k v -> print_endline (show1 k v)) table
