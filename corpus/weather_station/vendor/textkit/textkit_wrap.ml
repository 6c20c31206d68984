(* Filling paragraphs. *)

let words text = List.filter (fun word -> not (String.equal word "")) (String.split_on_char ' ' (String.concat " " (String.split_on_char '\n' text)))

let greedy ~width text =
  let add (lines, current) word =
    if String.equal current "" then (lines, word)
    else
      let longer = current ^ " " ^ word in
      if Textkit_width.of_string longer <= width then (lines, longer) else (current :: lines, word)
  in
  let lines, last = List.fold_left add ([], "") (words text) in
  List.rev (if String.equal last "" then lines else last :: lines)

(* Least squares of what is left over at the ends of the lines, by dynamic programming. *)
let balanced ~width text =
  let words = Array.of_list (words text) in
  let n = Array.length words in
  let best = Array.make (n + 1) infinity and cut = Array.make (n + 1) 0 in
  best.(0) <- 0.;
  for last = 1 to n do
    let used = ref (-1) and first = ref last in
    while !first > 0 && (!used <= width || !first = last) do
      decr first;
      used := !used + 1 + Textkit_width.of_string words.(!first);
      if !used <= width || !first = last - 1 then begin
        let left = if last = n then 0. else float_of_int (max 0 (width - !used)) in
        let cost = best.(!first) +. (left *. left) in
        if cost < best.(last) then begin
          best.(last) <- cost;
          cut.(last) <- !first
        end
      end
    done
  done;
  let rec lines last seen = if last = 0 then seen else lines cut.(last) (String.concat " " (Array.to_list (Array.sub words cut.(last) (last - cut.(last)))) :: seen) in
  lines n []

let indent ~by lines = List.map (fun line -> String.make by ' ' ^ line) lines

let justify ~width line =
  match words line with
  | [] | [ _ ] -> line
  | first :: rest ->
      let n = List.length rest in
      let used = List.fold_left (fun sum word -> sum + Textkit_width.of_string word) 0 (first :: rest) in
      let spaces = max n (width - used) in
      let gap i = (spaces / n) + if i < spaces mod n then 1 else 0 in
      String.concat "" (first :: List.mapi (fun i word -> String.make (gap i) ' ' ^ word) rest)

let bullets ~width items =
  List.concat_map
    (fun item -> match greedy ~width:(width - 2) item with [] -> [] | first :: rest -> ("* " ^ first) :: indent ~by:2 rest)
    items
