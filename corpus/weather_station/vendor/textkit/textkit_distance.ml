(* How far texts are from each other, for "did you mean". *)

let levenshtein a b =
  let n = String.length b in
  let previous = Array.init (n + 1) (fun j -> j) and current = Array.make (n + 1) 0 in
  String.iteri
    (fun i c ->
      current.(0) <- i + 1;
      for j = 1 to n do
        let change = if Char.equal c b.[j - 1] then 0 else 1 in
        current.(j) <- min (min (current.(j - 1) + 1) (previous.(j) + 1)) (previous.(j - 1) + change)
      done;
      Array.blit current 0 previous 0 (n + 1))
    a;
  previous.(n)

let jaro a b =
  let la = String.length a and lb = String.length b in
  if la = 0 && lb = 0 then 1.
  else begin
    let reach = max 0 ((max la lb / 2) - 1) in
    let seen_a = Array.make la false and seen_b = Array.make lb false in
    let matches = ref 0 in
    for i = 0 to la - 1 do
      let j = ref (max 0 (i - reach)) and found = ref false in
      while (not !found) && !j <= min (lb - 1) (i + reach) do
        if (not seen_b.(!j)) && Char.equal a.[i] b.[!j] then begin
          seen_a.(i) <- true;
          seen_b.(!j) <- true;
          incr matches;
          found := true
        end;
        incr j
      done
    done;
    if !matches = 0 then 0.
    else begin
      let k = ref 0 and swaps = ref 0 in
      for i = 0 to la - 1 do
        if seen_a.(i) then begin
          while not seen_b.(!k) do incr k done;
          if not (Char.equal a.[i] b.[!k]) then incr swaps;
          incr k
        end
      done;
      let m = float_of_int !matches in
      ((m /. float_of_int la) +. (m /. float_of_int lb) +. ((m -. (float_of_int !swaps /. 2.)) /. m)) /. 3.
    end
  end

let soundex word =
  let code c = match Char.lowercase_ascii c with
    | 'b' | 'f' | 'p' | 'v' -> '1'
    | 'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' -> '2'
    | 'd' | 't' -> '3'
    | 'l' -> '4'
    | 'm' | 'n' -> '5'
    | 'r' -> '6'
    | _ -> '0'
  in
  if String.equal word "" then ""
  else begin
    let out = Buffer.create 4 and last = ref (code word.[0]) in
    Buffer.add_char out (Char.uppercase_ascii word.[0]);
    String.iteri
      (fun i c ->
        let digit = code c in
        if i > 0 && Buffer.length out < 4 && digit <> '0' && digit <> !last then Buffer.add_char out digit;
        last := digit)
      word;
    Buffer.contents out ^ String.make (4 - Buffer.length out) '0'
  end

let nearest ~among word =
  let scored = List.map (fun candidate -> (levenshtein word candidate, candidate)) among in
  match List.sort compare scored with (distance, candidate) :: _ when distance <= 1 + (String.length word / 3) -> Some candidate | _ -> None
