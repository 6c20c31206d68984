open Types

type str = string loc
type loc = int

let default : loc ref = ref 0

module Exp = struct
  let mk ?(loc = !default) txt : str = { txt; at = loc }
  let show (s : str) = Printf.sprintf "exp %s at %d" s.txt s.at
  let show_all l = List.map show l
  let widths l = List.map (fun (s : str) -> String.length s.txt + String.length (show s)) l

  let table l =
    let width = List.fold_left max 0 (widths l) in
    let line (s : str) = Printf.sprintf "%s%s%d" s.txt (String.make (width - String.length s.txt) ' ') s.at in
    String.concat "\n" (List.map line l) ^ Printf.sprintf "\n%d of %d" (List.length l) width
end

module Pat = struct
  let mk ?(loc = !default) txt : str = { txt; at = loc }
  let show (s : str) = Printf.sprintf "pat %s at %d" s.txt s.at
  let show_all l = List.map show l
  let widths l = List.map (fun (s : str) -> String.length s.txt + String.length (show s)) l

  let table l =
    let width = List.fold_left max 0 (widths l) in
    let line (s : str) = Printf.sprintf "%s%s%d" s.txt (String.make (width - String.length s.txt) ' ') s.at in
    String.concat "\n" (List.map line l) ^ Printf.sprintf "\n%d of %d" (List.length l) width
end
