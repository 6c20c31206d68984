(* A small notation for records: numbers, words, lists and named fields. *)

exception Malformed of int * string

type cursor = { text : string; mutable at : int }

let cursor text = { text; at = 0 }
let fail cursor message = raise (Malformed (cursor.at, message))
let peek cursor = if cursor.at < String.length cursor.text then Some cursor.text.[cursor.at] else None
let advance cursor = cursor.at <- cursor.at + 1

let rec skip_blanks cursor =
  match peek cursor with
  | Some (' ' | '\t' | '\n' | '\r') ->
      advance cursor;
      skip_blanks cursor
  | Some '#' -> skip_comment cursor
  | _ -> ()

and skip_comment cursor =
  match peek cursor with
  | None | Some '\n' -> skip_blanks cursor
  | Some _ ->
      advance cursor;
      skip_comment cursor

let expect cursor char =
  skip_blanks cursor;
  match peek cursor with
  | Some found when found = char -> advance cursor
  | Some found -> fail cursor (Printf.sprintf "expected %C, found %C" char found)
  | None -> fail cursor (Printf.sprintf "expected %C, found the end" char)

let is_word = function 'a' .. 'z' | 'A' .. 'Z' | '0' .. '9' | '_' | '-' | '.' | '+' -> true | _ -> false

let word cursor =
  skip_blanks cursor;
  let start = cursor.at in
  let rec go () =
    match peek cursor with
    | Some char when is_word char ->
        advance cursor;
        go ()
    | _ -> ()
  in
  go ();
  if cursor.at = start then fail cursor "expected a word";
  String.sub cursor.text start (cursor.at - start)

let quoted cursor =
  expect cursor '"';
  let buffer = Buffer.create 16 in
  let rec go () =
    match peek cursor with
    | None -> fail cursor "a string without end"
    | Some '"' -> advance cursor
    | Some '\\' ->
        advance cursor;
        (match peek cursor with
        | Some 'n' -> Buffer.add_char buffer '\n'
        | Some 't' -> Buffer.add_char buffer '\t'
        | Some char -> Buffer.add_char buffer char
        | None -> fail cursor "a string without end");
        advance cursor;
        go ()
    | Some char ->
        Buffer.add_char buffer char;
        advance cursor;
        go ()
  in
  go ();
  Buffer.contents buffer

let add_quoted buffer text =
  Buffer.add_char buffer '"';
  String.iter
    (function
      | '"' -> Buffer.add_string buffer "\\\""
      | '\\' -> Buffer.add_string buffer "\\\\"
      | '\n' -> Buffer.add_string buffer "\\n"
      | '\t' -> Buffer.add_string buffer "\\t"
      | char -> Buffer.add_char buffer char)
    text;
  Buffer.add_char buffer '"'

let separated cursor close item =
  let rec go items =
    skip_blanks cursor;
    match peek cursor with
    | Some char when char = close ->
        advance cursor;
        List.rev items
    | Some ',' ->
        advance cursor;
        go items
    | None -> fail cursor "a list without end"
    | Some _ -> go (item cursor :: items)
  in
  go []

(** Numbers as floating-point numbers. *)
module Plain = struct
  type t =
    | Number of float
    | Text of string
    | List of t list
    | Record of (string * t) list

  let rec read cursor =
    skip_blanks cursor;
    match peek cursor with
    | Some '"' -> Text (quoted cursor)
    | Some '[' ->
        advance cursor;
        List (separated cursor ']' read)
    | Some '{' ->
        advance cursor;
        Record (separated cursor '}' field)
    | Some _ -> literal cursor
    | None -> fail cursor "expected a value"

  and field cursor =
    let name = word cursor in
    expect cursor ':';
    let value = read cursor in
    (name, value)

  and literal cursor =
    let text = word cursor in
    match float_of_string_opt text with
    | Some number -> Number number
    | None -> Text text

  let of_string text =
    let cursor = cursor text in
    let value = read cursor in
    skip_blanks cursor;
    match peek cursor with
    | None -> value
    | Some _ -> fail cursor "something stands behind the value"

  let rec add buffer = function
    | Number number -> Buffer.add_string buffer (Printf.sprintf "%.12g" number)
    | Text text -> add_quoted buffer text
    | List items ->
        Buffer.add_char buffer '[';
        List.iteri
          (fun i item ->
            if i > 0 then Buffer.add_string buffer ", ";
            add buffer item)
          items;
        Buffer.add_char buffer ']'
    | Record fields ->
        Buffer.add_char buffer '{';
        List.iteri
          (fun i (name, value) ->
            if i > 0 then Buffer.add_string buffer ", ";
            Buffer.add_string buffer name;
            Buffer.add_string buffer ": ";
            add buffer value)
          fields;
        Buffer.add_char buffer '}'

  let to_string value =
    let buffer = Buffer.create 64 in
    add buffer value;
    Buffer.contents buffer

  let rec print_indented indent out = function
    | Record fields ->
        List.iter
          (fun (name, value) ->
            Printf.fprintf out "%s%s:\n" (String.make indent ' ') name;
            print_indented (indent + 2) out value)
          fields
    | List items -> List.iter (print_indented indent out) items
    | value -> Printf.fprintf out "%s%s\n" (String.make indent ' ') (to_string value)

  let member name = function
    | Record fields -> List.assoc_opt name fields
    | _ -> None

  let rec path names value =
    match names with
    | [] -> Some value
    | name :: rest -> Option.bind (member name value) (path rest)

  let rec fold f acc value =
    let acc = f acc value in
    match value with
    | List items -> List.fold_left (fold f) acc items
    | Record fields -> List.fold_left (fun acc (_, value) -> fold f acc value) acc fields
    | _ -> acc

  let count value = fold (fun n _ -> n + 1) 0 value

  let rec sort = function
    | List items -> List (List.map sort items)
    | Record fields ->
        let fields = List.map (fun (name, value) -> (name, sort value)) fields in
        Record (List.sort (fun (a, _) (b, _) -> String.compare a b) fields)
    | value -> value

  let rec merge a b =
    match (a, b) with
    | Record a, Record b ->
        let missing = List.filter (fun (name, _) -> not (List.mem_assoc name a)) b in
        let both (name, value) =
          match List.assoc_opt name b with
          | Some other -> (name, merge value other)
          | None -> (name, value)
        in
        Record (List.map both a @ missing)
    | _, b -> b

  let to_float = function Number number -> Some number | _ -> None
  let sum value = fold (fun total value -> match value with Number n -> total +. n | _ -> total) 0. value
end

(** Integers apart from other numbers, truth values, and nothing. *)
module Exact = struct
  type t =
    | Nothing
    | Truth of bool
    | Integer of int
    | Number of float
    | Text of string
    | List of t list
    | Record of (string * t) list

  let rec read cursor =
    skip_blanks cursor;
    match peek cursor with
    | Some '"' -> Text (quoted cursor)
    | Some '[' ->
        advance cursor;
        List (separated cursor ']' read)
    | Some '{' ->
        advance cursor;
        Record (separated cursor '}' field)
    | Some _ -> literal cursor
    | None -> fail cursor "expected a value"

  and field cursor =
    let name = word cursor in
    expect cursor ':';
    let value = read cursor in
    (name, value)

  and literal cursor =
    let text = word cursor in
    match text with
    | "nothing" -> Nothing
    | "true" -> Truth true
    | "false" -> Truth false
    | _ -> (
        match (int_of_string_opt text, float_of_string_opt text) with
        | Some integer, _ -> Integer integer
        | None, Some number -> Number number
        | None, None -> Text text)

  let of_string text =
    let cursor = cursor text in
    let value = read cursor in
    skip_blanks cursor;
    match peek cursor with
    | None -> value
    | Some _ -> fail cursor "something stands behind the value"

  let rec add buffer = function
    | Nothing -> Buffer.add_string buffer "nothing"
    | Truth truth -> Buffer.add_string buffer (string_of_bool truth)
    | Integer integer -> Buffer.add_string buffer (string_of_int integer)
    | Number number -> Buffer.add_string buffer (Printf.sprintf "%.17g" number)
    | Text text -> add_quoted buffer text
    | List items ->
        Buffer.add_char buffer '[';
        List.iteri
          (fun i item ->
            if i > 0 then Buffer.add_string buffer ", ";
            add buffer item)
          items;
        Buffer.add_char buffer ']'
    | Record fields ->
        Buffer.add_char buffer '{';
        List.iteri
          (fun i (name, value) ->
            if i > 0 then Buffer.add_string buffer ", ";
            Buffer.add_string buffer name;
            Buffer.add_string buffer ": ";
            add buffer value)
          fields;
        Buffer.add_char buffer '}'

  let to_string value =
    let buffer = Buffer.create 64 in
    add buffer value;
    Buffer.contents buffer

  let rec print_indented indent out = function
    | Record fields ->
        List.iter
          (fun (name, value) ->
            Printf.fprintf out "%s%s:\n" (String.make indent ' ') name;
            print_indented (indent + 2) out value)
          fields
    | List items -> List.iter (print_indented indent out) items
    | value -> Printf.fprintf out "%s%s\n" (String.make indent ' ') (to_string value)

  let member name = function
    | Record fields -> List.assoc_opt name fields
    | _ -> None

  let rec path names value =
    match names with
    | [] -> Some value
    | name :: rest -> Option.bind (member name value) (path rest)

  let rec fold f acc value =
    let acc = f acc value in
    match value with
    | List items -> List.fold_left (fold f) acc items
    | Record fields -> List.fold_left (fun acc (_, value) -> fold f acc value) acc fields
    | _ -> acc

  let count value = fold (fun n _ -> n + 1) 0 value

  let rec sort = function
    | List items -> List (List.map sort items)
    | Record fields ->
        let fields = List.map (fun (name, value) -> (name, sort value)) fields in
        Record (List.sort (fun (a, _) (b, _) -> String.compare a b) fields)
    | value -> value

  let rec merge a b =
    match (a, b) with
    | Record a, Record b ->
        let missing = List.filter (fun (name, _) -> not (List.mem_assoc name a)) b in
        let both (name, value) =
          match List.assoc_opt name b with
          | Some other -> (name, merge value other)
          | None -> (name, value)
        in
        Record (List.map both a @ missing)
    | _, b -> b

  let to_int = function Integer integer -> Some integer | Number n when Float.is_integer n -> Some (int_of_float n) | _ -> None
  let to_truth = function Truth truth -> Some truth | _ -> None
end

(** Literals as they are written. *)
module Verbatim = struct
  type t =
    | Literal of string
    | Text of string
    | List of t list
    | Record of (string * t) list

  let rec read cursor =
    skip_blanks cursor;
    match peek cursor with
    | Some '"' -> Text (quoted cursor)
    | Some '[' ->
        advance cursor;
        List (separated cursor ']' read)
    | Some '{' ->
        advance cursor;
        Record (separated cursor '}' field)
    | Some _ -> literal cursor
    | None -> fail cursor "expected a value"

  and field cursor =
    let name = word cursor in
    expect cursor ':';
    let value = read cursor in
    (name, value)

  and literal cursor =
    let text = word cursor in
    Literal text

  let of_string text =
    let cursor = cursor text in
    let value = read cursor in
    skip_blanks cursor;
    match peek cursor with
    | None -> value
    | Some _ -> fail cursor "something stands behind the value"

  let rec add buffer = function
    | Literal text -> Buffer.add_string buffer text
    | Text text -> add_quoted buffer text
    | List items ->
        Buffer.add_char buffer '[';
        List.iteri
          (fun i item ->
            if i > 0 then Buffer.add_string buffer ", ";
            add buffer item)
          items;
        Buffer.add_char buffer ']'
    | Record fields ->
        Buffer.add_char buffer '{';
        List.iteri
          (fun i (name, value) ->
            if i > 0 then Buffer.add_string buffer ", ";
            Buffer.add_string buffer name;
            Buffer.add_string buffer ": ";
            add buffer value)
          fields;
        Buffer.add_char buffer '}'

  let to_string value =
    let buffer = Buffer.create 64 in
    add buffer value;
    Buffer.contents buffer

  let rec print_indented indent out = function
    | Record fields ->
        List.iter
          (fun (name, value) ->
            Printf.fprintf out "%s%s:\n" (String.make indent ' ') name;
            print_indented (indent + 2) out value)
          fields
    | List items -> List.iter (print_indented indent out) items
    | value -> Printf.fprintf out "%s%s\n" (String.make indent ' ') (to_string value)

  let member name = function
    | Record fields -> List.assoc_opt name fields
    | _ -> None

  let rec path names value =
    match names with
    | [] -> Some value
    | name :: rest -> Option.bind (member name value) (path rest)

  let rec fold f acc value =
    let acc = f acc value in
    match value with
    | List items -> List.fold_left (fold f) acc items
    | Record fields -> List.fold_left (fun acc (_, value) -> fold f acc value) acc fields
    | _ -> acc

  let count value = fold (fun n _ -> n + 1) 0 value

  let rec sort = function
    | List items -> List (List.map sort items)
    | Record fields ->
        let fields = List.map (fun (name, value) -> (name, sort value)) fields in
        Record (List.sort (fun (a, _) (b, _) -> String.compare a b) fields)
    | value -> value

  let rec merge a b =
    match (a, b) with
    | Record a, Record b ->
        let missing = List.filter (fun (name, _) -> not (List.mem_assoc name a)) b in
        let both (name, value) =
          match List.assoc_opt name b with
          | Some other -> (name, merge value other)
          | None -> (name, value)
        in
        Record (List.map both a @ missing)
    | _, b -> b

  let literals value = List.rev (fold (fun found value -> match value with Literal text -> text :: found | _ -> found) [] value)
end
