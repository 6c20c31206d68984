(* Charts of characters. *)

let blocks = [| " "; "\xe2\x96\x81"; "\xe2\x96\x82"; "\xe2\x96\x83"; "\xe2\x96\x84"; "\xe2\x96\x85"; "\xe2\x96\x86"; "\xe2\x96\x87"; "\xe2\x96\x88" |]

let extremes values = Array.fold_left (fun (low, high) x -> (min low x, max high x)) (infinity, neg_infinity) values

let sparkline values =
  let low, high = extremes values in
  let step x = if high <= low then 4 else 1 + int_of_float ((x -. low) /. (high -. low) *. 7.) in
  String.concat "" (Array.to_list (Array.map (fun x -> blocks.(min 8 (step x))) values))

let bar ~width ~maximum x =
  let share = if maximum <= 0. then 0. else max 0. (min 1. (x /. maximum)) in
  let eighths = int_of_float (Float.round (share *. float_of_int (width * 8))) in
  let full = eighths / 8 and rest = eighths mod 8 in
  String.concat "" (List.init full (fun _ -> blocks.(8))) ^ if rest = 0 then "" else [| ""; "\xe2\x96\x8f"; "\xe2\x96\x8e"; "\xe2\x96\x8d"; "\xe2\x96\x8c"; "\xe2\x96\x8b"; "\xe2\x96\x8a"; "\xe2\x96\x89" |].(rest)

let bars ~width pairs =
  let maximum = List.fold_left (fun most (_, x) -> max most x) 0. pairs in
  let label = List.fold_left (fun widest (name, _) -> max widest (Textkit_width.of_string name)) 0 pairs in
  List.map
    (fun (name, x) ->
      Printf.sprintf "%s%s %s %.1f" name (String.make (label - Textkit_width.of_string name) ' ') (bar ~width ~maximum x) x)
    pairs

let plot ~height values =
  let low, high = extremes values in
  let n = Array.length values in
  let canvas = Array.make_matrix height n ' ' in
  Array.iteri
    (fun i x ->
      let share = if high <= low then 0.5 else (x -. low) /. (high -. low) in
      let row = height - 1 - int_of_float (Float.round (share *. float_of_int (height - 1))) in
      canvas.(row).(i) <- '*')
    values;
  Array.to_list canvas
  |> List.mapi (fun row cells ->
         let at = high -. (float_of_int row /. float_of_int (max 1 (height - 1)) *. (high -. low)) in
         Printf.sprintf "%8.1f |%s" at (String.init n (Array.get cells)))

let heat_map ~steps rows =
  let low, high = extremes (Array.concat (Array.to_list rows)) in
  let last = String.length steps - 1 in
  let cell x = steps.[if high <= low then 0 else int_of_float ((x -. low) /. (high -. low) *. float_of_int last)] in
  Array.to_list (Array.map (fun row -> String.init (Array.length row) (fun i -> cell row.(i))) rows)
