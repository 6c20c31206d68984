(* As much of cppo as this project needs: of each [#if .. #else .. #endif], the first part. *)
let () =
  let input = open_in Sys.argv.(1) in
  let rec copy is_read =
    match input_line input with
    | exception End_of_file -> ()
    | line ->
        let starts word =
          String.length line >= String.length word && String.sub line 0 (String.length word) = word
        in
        let is_directive = starts "#if" || starts "#else" || starts "#endif" in
        print_endline (if is_read && not is_directive then line else "");
        copy (if is_directive then not (starts "#else") else is_read)
  in
  copy true
