module Plain = struct
  type 'a state = Done of 'a | Fail of string

  let run f text = try Done (f text) with Failure message -> Fail message
  let option = function Done x -> Some x | Fail _ -> None
end

include Plain

let number text = Plain.run int_of_string text

module Mode = struct
  type t = Quiet | Loud
end

let run ~mode f text =
  match (mode : Mode.t) with
  | Quiet -> Plain.run f text
  | Loud ->
      Printf.printf "running on %S\n" text;
      Plain.run f text

let table rows =
  let width = List.fold_left (fun width row -> max width (Array.length row)) 0 rows in
  let column i = List.map (fun row -> if i < Array.length row then row.(i) else 0) rows in
  Array.init width (fun i -> Printf.sprintf "%d:%s" i (String.concat "," (List.map string_of_int (column i))))

let show_all rows = Array.iter print_endline (table rows)
