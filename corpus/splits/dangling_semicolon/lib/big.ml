let small x = x + 1

let debug x =
  Printf.printf "%d" x;
  Printf.printf " %d" (small x); (* what is left *)

type t = { a : int; b : int }

let mk a =
  ignore (small a);
  { a; b = small a };

exception Odd of int

let rec check x =
  if x.a = 1 then raise (Odd x.b);
and check_all l =
  List.iter check l;

module Table = struct
  let all n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
end

let show_all n = Array.iter print_endline (Table.all n)
