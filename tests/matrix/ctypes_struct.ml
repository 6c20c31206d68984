(* packages: ctypes *)
(* Describes a C structure and fills it. *)

open Ctypes

let point : [ `point ] structure typ = structure "point"
let x = field point "x" int
let y = field point "y" int
let () = seal point

let () =
  let p = make point in
  setf p x 3;
  setf p y 4;
  Printf.printf "%d bytes, %d\n" (sizeof point) (getf p x + getf p y)
