(* Tables for people. *)

type cell = Text of string | Number of int | Share of float | Roman of int

let pp_cell ppf = function
  | Text text -> Format.fprintf ppf "%-12s" text
  | Number n -> Format.fprintf ppf "%8d" n
  | Share share -> Format.fprintf ppf "%5.1f %%" (100. *. share)
  | Roman n -> Format.pp_print_string ppf (Numbers.to_roman n)

let pp_row ppf row =
  let pp_sep ppf () = Format.fprintf ppf " | " in
  Format.fprintf ppf "@[<h>%a@]" (Format.pp_print_list ~pp_sep pp_cell) row

let pp ppf (title, rows) =
  Format.fprintf ppf "@[<v>%s@,%a@]" title (Format.pp_print_list pp_row) rows

let shares rows =
  let sum = List.fold_left (fun sum (_, n) -> sum + n) 0 rows in
  let share n = if sum = 0 then 0. else float_of_int n /. float_of_int sum in
  List.mapi (fun i (name, n) -> [ Roman (i + 1); Text name; Number n; Share (share n) ]) rows

let to_string title rows = Format.asprintf "%a" pp (title, shares rows)
