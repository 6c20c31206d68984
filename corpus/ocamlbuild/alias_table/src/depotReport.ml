(* Tables for people. *)

type cell = Text of string | Number of int | Share of float

let pp_cell ppf = function
  | Text text -> Format.fprintf ppf "%s" text
  | Number n -> Format.fprintf ppf "%8d" n
  | Share share -> Format.fprintf ppf "%5.1f %%" (100. *. share)

let pp_row ppf row =
  Format.fprintf ppf "@[<h>%a@]" (Format.pp_print_list ~pp_sep:(fun ppf () -> Format.fprintf ppf " | ") pp_cell) row

let pp_table ppf (title, rows) =
  Format.fprintf ppf "@[<v>%s@,%a@]" title (Format.pp_print_list pp_row) rows

let shares rows =
  let sum = List.fold_left (fun sum (_, n) -> sum + n) 0 rows in
  let share n = if sum = 0 then 0. else float_of_int n /. float_of_int sum in
  List.map (fun (name, n) -> [ Text name; Number n; Share (share n) ]) rows

let to_string title rows = Format.asprintf "%a" pp_table (title, shares rows)
