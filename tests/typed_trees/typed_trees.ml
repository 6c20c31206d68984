(* One JSON line for each .cmt file: definitions and references of a unit, as the compiler resolved them.

   typed_trees [-I DIR].. FILE.cmt.. *)

open Typedtree
open Types
open Definitions
open Paths
open References
open Expressions
open Structures
open Interfaces
open Environments

let includes : string list ref = ref []
let files : string list ref = ref []

let process file =
  match Cmt_format.read_cmt file with
  | exception e ->
      warn "%s: cannot read (%s)" file (Printexc.to_string e)
  | cmt ->
      match cmt.cmt_annots with
      | Implementation str ->
          let args = cmt.cmt_args in
          let dirs =
            uniq (Filename.dirname file :: List.rev !includes
                  @ List.filter (fun d ->
                      d <> "" && not (Filename.is_relative d) && is_dir d)
                    cmt.cmt_loadpath
                  @ [ Config.standard_library ]
                  @ !siblings) in
          set_load_path dirs;
          Clflags.transparent_modules := has_arg args "-no-alias-deps";
          Clflags.recursive_types := has_arg args "-rectypes";
          Clflags.classic := has_arg args "-nolabels";
          Hashtbl.reset absent_cache;
          Clflags.principal := false;
          Clflags.no_std_include := true;
          Env.set_unit_name cmt.cmt_modname;
          Env.reset_required_globals ();
          env_failures := 0;
          (snd restore_env) ();
          let str =
            let m = { Tast_mapper.default with env = fst restore_env } in
            m.structure m str in
          let st = {
            unit_name = cmt.cmt_modname;
            source = Option.value ~default:"" cmt.cmt_sourcefile;
            transparent = has_arg args "-no-alias-deps";
            idents = Itbl.create 200; counts = Hashtbl.create 200;
            defs = []; refs = []; effects = []; current = [];
            within = ""; raw_count = 0; seen = Hashtbl.create 200 } in
          let it = make_iterator st in
          items st it
            { prefix = ""; table = Hashtbl.create 50; functor_ = None;
              hidden = false } str.str_items;
          let cmi_sig =
            let cmi = Filename.remove_extension file ^ ".cmi" in
            let cmi = if Sys.file_exists cmi then Some cmi
              else try Some (Load_path.find_uncap (cmt.cmt_modname ^ ".cmi"))
                with Not_found -> None in
            match cmi with
            | None -> None
            | Some cmi ->
                try Some (Env.read_signature cmt.cmt_modname cmi)
                with _ -> None in
          let cc = toplevel_coercion st str cmi_sig in
          export_coercions st str.str_final_env cmi_sig cc;
          let exported = exported_test st cmi_sig in
          let file_of =
            (* the most frequent source file of the definitions *)
            let t = Hashtbl.create 3 in
            List.iter (fun d ->
                let f = d.loc.Location.loc_start.pos_fname in
                Hashtbl.replace t f
                  (1 + try Hashtbl.find t f with Not_found -> 0)) st.defs;
            fst (Hashtbl.fold (fun f n (f', n') ->
                if n > n' then (f, n) else (f', n')) t (st.source, 0)) in
          let def_json d =
            let f = d.loc.Location.loc_start.pos_fname in
            Json.O
              ([ "path", Json.S d.path; "kind", Json.S d.kind ]
               @ (if d.nth > 1 then [ "nth", Json.I d.nth ] else [])
               @ loc_fields d.loc
               @ [ "name_line", Json.I (line d.name_loc.loc_start);
                   "name_col", Json.I (col d.name_loc.loc_start) ]
               @ (if f <> file_of then [ "file", Json.S f ] else [])
               @ (if d.loc.loc_ghost || d.name_loc.loc_ghost
                  then [ "ghost", Json.B true ] else [])
               @ (match exported d with
                   | Some b -> [ "exported", Json.B b ] | None -> [])
               @ d.extra)
          in
          Json.print_line stdout
            (Json.O
               ([ "unit", Json.S st.unit_name;
                  "source", Json.S st.source;
                  "file", Json.S file_of;
                  "cmt", Json.S file;
                  "no_alias_deps", Json.B st.transparent;
                  "has_interface",
                  Json.B (Sys.file_exists (Filename.remove_extension file ^ ".cmti"));
                  "flags", Json.L (Array.to_list (Array.map (fun s -> Json.S s) args));
                  "imports_cmi",
                  Json.L (List.map (fun (n, _) -> Json.S n) cmt.cmt_imports);
                  "env_failures", Json.I !env_failures;
                  "defs", Json.L (List.rev_map def_json st.defs);
                  "effects", Json.L (List.rev st.effects);
                  "refs", Json.L (List.rev st.refs) ]))
      | Packed (_, units) ->
          Json.print_line stdout
            (Json.O [ "unit", Json.S cmt.cmt_modname; "cmt", Json.S file;
                      "packed", Json.L (List.map (fun s -> Json.S s) units);
                      "defs", Json.L []; "refs", Json.L [] ])
      | Partial_implementation _ | Partial_interface _ | Interface _ ->
          warn "%s: no implementation" file

let () =
  Arg.parse
    [ "-I", Arg.String (fun d -> includes := d :: !includes),
      "DIR  add DIR to the load path, after the directory of each .cmt" ]
    (fun f -> files := f :: !files)
    "typed_trees [-I DIR]... FILE.cmt...";
  ignore (Warnings.parse_options false "-a");
  (* identifiers made here must not collide with those of the files read *)
  for _ = 1 to 5_000_000 do ignore (Ident.create_local "") done;
  let files = List.rev !files in
  siblings := uniq (List.map Filename.dirname files);
  List.iter (fun f ->
      try process f
      with e -> prerr_endline (Printf.sprintf "%s: %s" f (Printexc.to_string e)))
    files
