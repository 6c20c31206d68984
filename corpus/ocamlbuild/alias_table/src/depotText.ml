(* Words, slugs and columns. *)

let is_letter c = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')

let words text =
  let rec from i found =
    if i >= String.length text then List.rev found
    else if not (is_letter text.[i]) then from (i + 1) found
    else begin
      let j = ref i in
      while !j < String.length text && is_letter text.[!j] do incr j done;
      from !j (String.sub text i (!j - i) :: found)
    end
  in
  from 0 []

let slug text = String.concat "-" (List.map String.lowercase_ascii (words text))

let pad width text =
  let n = String.length text in
  if n >= width then String.sub text 0 width else text ^ String.make (width - n) ' '

let columns widths row = String.concat " " (List.map2 pad widths row)

let common_prefix a b =
  let n = min (String.length a) (String.length b) in
  let rec same i = if i < n && a.[i] = b.[i] then same (i + 1) else i in
  String.sub a 0 (same 0)

let distance a b =
  let n = String.length b in
  let row = Array.init (n + 1) (fun i -> i) in
  for i = 1 to String.length a do
    let corner = ref row.(0) in
    row.(0) <- i;
    for j = 1 to n do
      let above = row.(j) in
      let change = if a.[i - 1] = b.[j - 1] then 0 else 1 in
      row.(j) <- min (min (above + 1) (row.(j - 1) + 1)) (!corner + change);
      corner := above
    done
  done;
  row.(n)
