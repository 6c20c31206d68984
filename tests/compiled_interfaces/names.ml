(* Prints what the compiled interfaces under a directory bind, one "file, tab, kind path" a line. *)

open Types

let rec signature file prefix items =
  (* A class is followed by the types of its name. *)
  ignore
    (List.fold_left
       (fun of_class item ->
         match item with
         | Sig_class (id, _, _, Exported) ->
             print file "class" prefix id;
             Ident.name id
         | Sig_class_type (id, _, _, Exported) ->
             if Ident.name id <> of_class then print file "classtype" prefix id;
             Ident.name id
         | Sig_type (id, _, _, _) when Ident.name id = of_class -> of_class
         | _ ->
             plain file prefix item;
             of_class)
       "" items)

and print file kind prefix id = Printf.printf "%s\t%s %s%s\n" file kind prefix (Ident.name id)

and plain file prefix = function
  | Sig_value (id, { val_kind = Val_prim p; _ }, Exported) ->
      print file ("external(" ^ p.Primitive.prim_name ^ ")") prefix id
  | Sig_value (id, _, Exported) -> print file "value" prefix id
  | Sig_type (id, declaration, _, Exported) ->
      if not (String.contains (Ident.name id) '#') then begin
        print file "type" prefix id;
        match declaration.type_kind with
        | Type_record (fields, _) -> List.iter (fun f -> print file "field" prefix f.ld_id) fields
        | Type_variant (constructors, _) ->
            List.iter (fun c -> print file "constructor" prefix c.cd_id) constructors
        | _ -> ()
      end
  | Sig_typext (id, _, _, Exported) -> print file "extension" prefix id
  (* Hidden modules are kept: paths of the items between go through them. *)
  | Sig_module (id, _, declaration, _, _) ->
      print file "module" prefix id;
      module_type file (prefix ^ Ident.name id ^ ".") declaration.md_type
  | Sig_modtype (id, _, _) -> print file "moduletype" prefix id
  | _ -> ()

and module_type file prefix = function
  | Mty_signature items -> signature file prefix items
  | Mty_functor (_, result) -> module_type file prefix result
  | Mty_ident _ | Mty_alias _ -> ()

let rec walk path =
  if Sys.is_directory path then
    Array.iter (fun entry -> walk (Filename.concat path entry)) (Sys.readdir path)
  else if Filename.check_suffix path ".cmi" then begin
    Printf.printf "%s\t\n" path;
    signature path "" (Cmi_format.read_cmi path).Cmi_format.cmi_sign
  end

let () = walk Sys.argv.(1)
