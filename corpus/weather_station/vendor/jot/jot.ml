(* Four small text formats in one module. *)

exception Syntax of { format : string; line : int; message : string }

let () =
  Printexc.register_printer (function
    | Syntax { format; line; message } -> Some (Printf.sprintf "%s, line %d: %s" format line message)
    | _ -> None)

let fail format line message = raise (Syntax { format; line; message })

(* What all readers share: characters with a position. *)
type source = { text : string; mutable at : int; mutable line : int }

let source text = { text; at = 0; line = 1 }
let peek s = if s.at < String.length s.text then Some s.text.[s.at] else None

let advance s =
  (match peek s with Some '\n' -> s.line <- s.line + 1 | _ -> ());
  s.at <- s.at + 1

let rec skip_while s f = match peek s with Some c when f c -> advance s; skip_while s f | _ -> ()
let is_blank c = c = ' ' || c = '\t' || c = '\n' || c = '\r'

let take_while s f =
  let first = s.at in
  skip_while s f;
  String.sub s.text first (s.at - first)

let add_utf_8 buffer code = Buffer.add_utf_8_uchar buffer (if Uchar.is_valid code then Uchar.of_int code else Uchar.rep)

module Json = struct
  type t = Null | Bool of bool | Number of float | String of string | List of t list | Object of (string * t) list

  let fail s message = fail "JSON" s.line message

  let expect s c = match peek s with
    | Some d when d = c -> advance s
    | Some d -> fail s (Printf.sprintf "%C in place of %C" d c)
    | None -> fail s (Printf.sprintf "the text ends where %C was expected" c)

  let word s word value =
    String.iter (fun c -> expect s c) word;
    value

  let hex s =
    let digit () = match peek s with
      | Some ('0' .. '9' as c) -> advance s; Char.code c - 48
      | Some ('a' .. 'f' as c) -> advance s; Char.code c - 87
      | Some ('A' .. 'F' as c) -> advance s; Char.code c - 55
      | _ -> fail s "a hexadecimal digit was expected"
    in
    let a = digit () in
    let b = digit () in
    let c = digit () in
    let d = digit () in
    (((((a * 16) + b) * 16) + c) * 16) + d

  let text s =
    expect s '"';
    let buffer = Buffer.create 16 in
    let rec loop () = match peek s with
      | None -> fail s "a string without an end"
      | Some '"' -> advance s; Buffer.contents buffer
      | Some '\\' ->
          advance s;
          (match peek s with
          | Some 'n' -> advance s; Buffer.add_char buffer '\n'
          | Some 't' -> advance s; Buffer.add_char buffer '\t'
          | Some 'r' -> advance s; Buffer.add_char buffer '\r'
          | Some 'b' -> advance s; Buffer.add_char buffer '\b'
          | Some 'f' -> advance s; Buffer.add_char buffer '\012'
          | Some ('"' | '\\' | '/' as c) -> advance s; Buffer.add_char buffer c
          | Some 'u' -> advance s; add_utf_8 buffer (hex s)
          | _ -> fail s "an unknown escape");
          loop ()
      | Some c -> advance s; Buffer.add_char buffer c; loop ()
    in
    loop ()

  let number s =
    let text = take_while s (function '0' .. '9' | '-' | '+' | '.' | 'e' | 'E' -> true | _ -> false) in
    match float_of_string_opt text with Some x -> Number x | None -> fail s (Printf.sprintf "%S is no number" text)

  let rec value ?(depth = 0) s =
    if depth > 500 then fail s "nested too deeply";
    skip_while s is_blank;
    match peek s with
    | Some '{' -> advance s; Object (members ~depth s [])
    | Some '[' -> advance s; List (elements ~depth s [])
    | Some '"' -> String (text s)
    | Some 't' -> word s "true" (Bool true)
    | Some 'f' -> word s "false" (Bool false)
    | Some 'n' -> word s "null" Null
    | Some _ -> number s
    | None -> fail s "nothing where a value was expected"

  and elements ~depth s seen =
    skip_while s is_blank;
    match peek s with
    | Some ']' -> advance s; List.rev seen
    | Some ',' when seen <> [] -> advance s; elements ~depth s (value ~depth:(depth + 1) s :: seen)
    | _ when seen = [] -> elements ~depth s (value ~depth:(depth + 1) s :: seen)
    | _ -> fail s "a comma or the end of the list was expected"

  and members ~depth s seen =
    skip_while s is_blank;
    let member () =
      skip_while s is_blank;
      let key = text s in
      skip_while s is_blank;
      expect s ':';
      (key, value ~depth:(depth + 1) s)
    in
    match peek s with
    | Some '}' -> advance s; List.rev seen
    | Some ',' when seen <> [] -> advance s; members ~depth s (member () :: seen)
    | _ when seen = [] -> members ~depth s (member () :: seen)
    | _ -> fail s "a comma or the end of the object was expected"

  let of_string text =
    let s = source text in
    let result = value s in
    skip_while s is_blank;
    match peek s with None -> result | Some c -> fail s (Printf.sprintf "%C after the end" c)

  let escape text =
    let buffer = Buffer.create (String.length text + 2) in
    String.iter
      (function
        | '"' -> Buffer.add_string buffer "\\\""
        | '\\' -> Buffer.add_string buffer "\\\\"
        | '\n' -> Buffer.add_string buffer "\\n"
        | c when c < ' ' -> Buffer.add_string buffer (Printf.sprintf "\\u%04x" (Char.code c))
        | c -> Buffer.add_char buffer c)
      text;
    Buffer.contents buffer

  let rec write buffer = function
    | Null -> Buffer.add_string buffer "null"
    | Bool b -> Buffer.add_string buffer (string_of_bool b)
    | Number x -> Buffer.add_string buffer (if Float.is_integer x then Printf.sprintf "%.0f" x else Printf.sprintf "%.12g" x)
    | String text -> Buffer.add_string buffer ("\"" ^ escape text ^ "\"")
    | List items -> separated buffer '[' ']' write items
    | Object members -> separated buffer '{' '}' write_member members

  and write_member buffer (key, value) =
    Buffer.add_string buffer ("\"" ^ escape key ^ "\":");
    write buffer value

  and separated : 'a. Buffer.t -> char -> char -> (Buffer.t -> 'a -> unit) -> 'a list -> unit =
   fun buffer first last write items ->
    Buffer.add_char buffer first;
    List.iteri (fun i item -> if i > 0 then Buffer.add_char buffer ','; write buffer item) items;
    Buffer.add_char buffer last

  let to_string value =
    let buffer = Buffer.create 64 in
    write buffer value;
    Buffer.contents buffer

  let rec pp ppf = function
    | List items -> Format.fprintf ppf "[@[<hv>%a@]]" (Format.pp_print_list ~pp_sep:(fun ppf () -> Format.fprintf ppf ",@ ") pp) items
    | Object members ->
        let member ppf (key, value) = Format.fprintf ppf "\"%s\": %a" (escape key) pp value in
        Format.fprintf ppf "{@[<hv>%a@]}" (Format.pp_print_list ~pp_sep:(fun ppf () -> Format.fprintf ppf ",@ ") member) members
    | value -> Format.pp_print_string ppf (to_string value)

  let member key = function Object members -> List.assoc_opt key members | _ -> None
  let rec path keys value = match keys with [] -> Some value | key :: rest -> Option.bind (member key value) (path rest)
end

module Csv = struct
  type t = { header : string list; rows : string list list }

  let fail s message = fail "CSV" s.line message

  let quoted s =
    advance s;
    let buffer = Buffer.create 16 in
    let rec loop () = match peek s with
      | None -> fail s "a quoted field without an end"
      | Some '"' ->
          advance s;
          (match peek s with Some '"' -> Buffer.add_char buffer '"'; advance s; loop () | _ -> Buffer.contents buffer)
      | Some c -> advance s; Buffer.add_char buffer c; loop ()
    in
    loop ()

  let field ~separator s = match peek s with
    | Some '"' -> quoted s
    | _ -> String.trim (take_while s (fun c -> c <> separator && c <> '\n' && c <> '\r'))

  let rec row ~separator s seen =
    let seen = field ~separator s :: seen in
    match peek s with
    | Some c when c = separator -> advance s; row ~separator s seen
    | Some '\r' -> advance s; row_end s seen
    | Some '\n' | None -> row_end s seen
    | Some c -> fail s (Printf.sprintf "%C after a quoted field" c)

  and row_end s seen =
    (match peek s with Some '\n' -> advance s | _ -> ());
    List.rev seen

  let rows ?(separator = ',') text =
    let s = source text in
    let rec loop seen = match peek s with
      | None -> List.rev seen
      | Some '\n' | Some '\r' -> advance s; loop seen
      | Some '#' -> skip_while s (fun c -> c <> '\n'); loop seen
      | Some _ -> loop (row ~separator s [] :: seen)
    in
    loop []

  let of_string ?separator text = match rows ?separator text with
    | [] -> { header = []; rows = [] }
    | header :: rows -> { header; rows }

  let column table name =
    let rec find i = function [] -> None | h :: _ when String.equal h name -> Some i | _ :: rest -> find (i + 1) rest in
    Option.map (fun i -> List.map (fun row -> Option.value (List.nth_opt row i) ~default:"") table.rows) (find 0 table.header)

  let records table = List.map (fun row -> List.mapi (fun i h -> (h, Option.value (List.nth_opt row i) ~default:"")) table.header) table.rows

  let quote field =
    let needs c = c = ',' || c = '"' || c = '\n' in
    let rec any i = i < String.length field && (needs field.[i] || any (i + 1)) in
    if any 0 then "\"" ^ String.concat "\"\"" (String.split_on_char '"' field) ^ "\"" else field

  let to_string table =
    List.map (fun row -> String.concat "," (List.map quote row)) (table.header :: table.rows) |> String.concat "\n"
end

module Ini = struct
  type t = (string * (string * string) list) list

  let of_string text : t =
    let add (sections : t) line_number line =
      let line = String.trim line in
      let n = String.length line in
      if n = 0 || line.[0] = ';' || line.[0] = '#' then sections
      else if line.[0] = '[' then
        if line.[n - 1] = ']' then (String.sub line 1 (n - 2), []) :: sections else fail "INI" line_number "a section without ]"
      else
        match (String.index_opt line '=', sections) with
        | None, _ -> fail "INI" line_number "neither a section nor key = value"
        | Some at, sections ->
            let pair = (String.trim (String.sub line 0 at), String.trim (String.sub line (at + 1) (n - at - 1))) in
            (match sections with (name, pairs) :: rest -> (name, pair :: pairs) :: rest | [] -> [ ("", [ pair ]) ])
    in
    let _, sections = List.fold_left (fun (n, sections) line -> (n + 1, add sections n line)) (1, []) (String.split_on_char '\n' text) in
    List.rev_map (fun (name, pairs) -> (name, List.rev pairs)) sections

  let get ?(section = "") key (sections : t) = Option.bind (List.assoc_opt section sections) (List.assoc_opt key)
  let get_int ?section key sections = Option.bind (get ?section key sections) int_of_string_opt
  let get_float ?section key sections = Option.bind (get ?section key sections) float_of_string_opt

  let get_bool ?section key sections = match Option.map String.lowercase_ascii (get ?section key sections) with
    | Some ("yes" | "true" | "on" | "1") -> Some true
    | Some ("no" | "false" | "off" | "0") -> Some false
    | _ -> None

  let to_string (sections : t) =
    let section (name, pairs) = Printf.sprintf "[%s]\n%s" name (String.concat "" (List.map (fun (k, v) -> k ^ " = " ^ v ^ "\n") pairs)) in
    String.concat "\n" (List.map section sections)
end

module Xml = struct
  type t = Text of string | Element of string * (string * string) list * t list

  let fail s message = fail "XML" s.line message

  let entities =
    [ ("lt", 0x3c); ("gt", 0x3e); ("amp", 0x26); ("quot", 0x22); ("apos", 0x27); ("nbsp", 0xa0); ("deg", 0xb0); ("plusmn", 0xb1);
      ("sup2", 0xb2); ("sup3", 0xb3); ("micro", 0xb5); ("middot", 0xb7); ("frac12", 0xbd); ("Auml", 0xc4); ("Ouml", 0xd6);
      ("Uuml", 0xdc); ("szlig", 0xdf); ("auml", 0xe4); ("eacute", 0xe9); ("ouml", 0xf6); ("uuml", 0xfc); ("ndash", 0x2013);
      ("mdash", 0x2014); ("hellip", 0x2026); ("euro", 0x20ac); ("minus", 0x2212); ("le", 0x2264); ("ge", 0x2265) ]

  let is_name c = match c with 'a' .. 'z' | 'A' .. 'Z' | '0' .. '9' | '_' | '-' | ':' | '.' -> true | _ -> false

  let entity s buffer =
    advance s;
    let name = take_while s (fun c -> is_name c || c = '#') in
    (match peek s with Some ';' -> advance s | _ -> fail s "an entity without ;");
    let n = String.length name in
    if n > 1 && name.[0] = '#' then
      let digits = if name.[1] = 'x' then "0" ^ String.sub name 1 (n - 1) else String.sub name 1 (n - 1) in
      match int_of_string_opt digits with Some code -> add_utf_8 buffer code | None -> fail s "a bad character reference"
    else match List.assoc_opt name entities with Some code -> add_utf_8 buffer code | None -> fail s ("unknown entity " ^ name)

  let characters s stop =
    let buffer = Buffer.create 32 in
    let rec loop () = match peek s with
      | Some '&' -> entity s buffer; loop ()
      | Some c when not (stop c) -> advance s; Buffer.add_char buffer c; loop ()
      | _ -> Buffer.contents buffer
    in
    loop ()

  let looking_at s word =
    let n = String.length word in
    s.at + n <= String.length s.text && String.equal (String.sub s.text s.at n) word

  let rec skip_to s word = if s.at >= String.length s.text then fail s ("no " ^ word) else if looking_at s word then String.iter (fun _ -> advance s) word else (advance s; skip_to s word)

  let rec attributes s seen =
    skip_while s is_blank;
    match peek s with
    | Some ('>' | '/' | '?') | None -> List.rev seen
    | Some _ ->
        let name = take_while s is_name in
        if String.equal name "" then fail s "an attribute was expected";
        skip_while s is_blank;
        (match peek s with Some '=' -> advance s | _ -> fail s "an attribute without a value");
        skip_while s is_blank;
        let quote = match peek s with Some ('"' | '\'' as c) -> advance s; c | _ -> fail s "a value without quotes" in
        let value = characters s (fun c -> c = quote) in
        advance s;
        attributes s ((name, value) :: seen)

  let rec element ~depth s =
    if depth > 200 then fail s "nested too deeply";
    advance s;
    let name = take_while s is_name in
    let attributes = attributes s [] in
    if looking_at s "/>" then (skip_to s "/>"; Element (name, attributes, []))
    else begin
      skip_to s ">";
      let children = content ~depth:(depth + 1) s [] in
      skip_to s "</";
      let closing = take_while s is_name in
      if not (String.equal closing name) then fail s (Printf.sprintf "</%s> closes <%s>" closing name);
      skip_to s ">";
      Element (name, attributes, children)
    end

  and content ~depth s seen =
    if looking_at s "<!--" then (skip_to s "-->"; content ~depth s seen)
    else if looking_at s "</" then List.rev seen
    else match peek s with
      | None -> List.rev seen
      | Some '<' -> content ~depth s (element ~depth s :: seen)
      | Some _ -> content ~depth s (Text (characters s (fun c -> c = '<')) :: seen)

  let rec of_source s =
    skip_while s is_blank;
    if looking_at s "<?" then (skip_to s "?>"; of_source s)
    else if looking_at s "<!--" then (skip_to s "-->"; of_source s)
    else if looking_at s "<!" then (skip_to s ">"; of_source s)
    else match peek s with Some '<' -> element ~depth:0 s | _ -> fail s "no element"

  let of_string text = of_source (source text)

  let escape text =
    let buffer = Buffer.create (String.length text) in
    String.iter (function '<' -> Buffer.add_string buffer "&lt;" | '>' -> Buffer.add_string buffer "&gt;" | '&' -> Buffer.add_string buffer "&amp;" | '"' -> Buffer.add_string buffer "&quot;" | c -> Buffer.add_char buffer c) text;
    Buffer.contents buffer

  let rec to_string = function
    | Text text -> escape text
    | Element (name, attributes, children) ->
        let shown = String.concat "" (List.map (fun (k, v) -> Printf.sprintf " %s=\"%s\"" k (escape v)) attributes) in
        if children = [] then Printf.sprintf "<%s%s/>" name shown
        else Printf.sprintf "<%s%s>%s</%s>" name shown (String.concat "" (List.map to_string children)) name

  let rec text = function Text text -> text | Element (_, _, children) -> String.concat "" (List.map text children)

  let rec find name = function
    | Text _ -> []
    | Element (own, _, children) as element -> (if String.equal own name then [ element ] else []) @ List.concat_map (find name) children
end
