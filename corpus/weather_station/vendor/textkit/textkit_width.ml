(* How many columns a text takes on a terminal. *)

(* Ranges that take two columns, and ranges that take none; sorted. *)
let wide =
  [|
    (0x1100, 0x115f); (0x231a, 0x231b); (0x2329, 0x232a); (0x23e9, 0x23ec); (0x25fd, 0x25fe); (0x2614, 0x2615);
    (0x2648, 0x2653); (0x267f, 0x267f); (0x2693, 0x2693); (0x26a1, 0x26a1); (0x26aa, 0x26ab); (0x26bd, 0x26be);
    (0x26c4, 0x26c5); (0x26ce, 0x26ce); (0x26d4, 0x26d4); (0x26ea, 0x26ea); (0x26f2, 0x26f3); (0x26f5, 0x26f5);
    (0x2705, 0x2705); (0x270a, 0x270b); (0x2728, 0x2728); (0x274c, 0x274c); (0x2753, 0x2755); (0x2757, 0x2757);
    (0x2795, 0x2797); (0x27b0, 0x27b0); (0x2b1b, 0x2b1c); (0x2b50, 0x2b50); (0x2e80, 0x303e); (0x3041, 0x33ff);
    (0x3400, 0x4dbf); (0x4e00, 0x9fff); (0xa000, 0xa4cf); (0xac00, 0xd7a3); (0xf900, 0xfaff); (0xfe30, 0xfe6f);
    (0xff00, 0xff60); (0xffe0, 0xffe6); (0x1f300, 0x1f64f); (0x1f680, 0x1f6ff); (0x1f900, 0x1f9ff); (0x20000, 0x3fffd);
  |]

let zero =
  [|
    (0x300, 0x36f); (0x483, 0x489); (0x591, 0x5bd); (0x610, 0x61a); (0x64b, 0x65f); (0x6d6, 0x6dc); (0x730, 0x74a);
    (0x7a6, 0x7b0); (0x816, 0x819); (0x900, 0x902); (0x93a, 0x93a); (0x941, 0x948); (0xe31, 0xe31); (0xe34, 0xe3a);
    (0x1ab0, 0x1aff); (0x1dc0, 0x1dff); (0x200b, 0x200f); (0x202a, 0x202e); (0x2060, 0x2064); (0x20d0, 0x20ff);
    (0xfe00, 0xfe0f); (0xfe20, 0xfe2f); (0xfeff, 0xfeff); (0xe0100, 0xe01ef);
  |]

let mem table code =
  let rec search low high =
    low <= high
    &&
    let middle = (low + high) / 2 in
    let first, last = table.(middle) in
    if code < first then search low (middle - 1) else if code > last then search (middle + 1) high else true
  in
  search 0 (Array.length table - 1)

let of_code code = if code = 0 || mem zero code then 0 else if code < 32 then 0 else if mem wide code then 2 else 1

let fold f start text =
  let n = String.length text in
  let byte i = if i < n then Char.code text.[i] land 0x3f else 0 in
  let rec loop state i =
    if i >= n then state
    else
      let c = Char.code text.[i] in
      let code, length =
        if c < 0x80 then (c, 1)
        else if c < 0xe0 then (((c land 0x1f) lsl 6) lor byte (i + 1), 2)
        else if c < 0xf0 then (((c land 0xf) lsl 12) lor (byte (i + 1) lsl 6) lor byte (i + 2), 3)
        else (((c land 7) lsl 18) lor (byte (i + 1) lsl 12) lor (byte (i + 2) lsl 6) lor byte (i + 3), 4)
      in
      loop (f state code (String.sub text i (min length (n - i)))) (i + length)
  in
  loop start 0

let of_string text = fold (fun sum code _ -> sum + of_code code) 0 text

let truncate ~width text =
  if of_string text <= width then text
  else
    let _, kept =
      fold
        (fun (used, kept) code bytes ->
          let used = used + of_code code in
          if used < width then (used, bytes :: kept) else (used, kept))
        (0, []) text
    in
    String.concat "" (List.rev kept) ^ "."
