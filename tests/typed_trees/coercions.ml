(* The fields that are read because a signature asks for them. *)

open Typedtree
open Types
open Definitions
open Paths
open References

let rec compose c1 c2 = match c1, c2 with
  | Tcoerce_none, c2 -> c2
  | c1, Tcoerce_none -> c1
  | Tcoerce_structure (pc1, ids1), Tcoerce_structure (pc2, ids2) ->
      let v2 = Array.of_list pc2 in
      let ids1 = List.map (fun (id, pos1, c1) ->
          let (pos2, c2) = v2.(pos1) in (id, pos2, compose c1 c2)) ids1 in
      Tcoerce_structure
        (List.map (fun pc -> match pc with
             | _, (Tcoerce_primitive _ | Tcoerce_alias _) -> pc
             | p1, c1 -> let (p2, c2) = v2.(p1) in (p2, compose c1 c2)) pc1,
         ids1 @ ids2)
  | Tcoerce_functor (a1, r1), Tcoerce_functor (a2, r2) ->
      Tcoerce_functor (compose a2 a1, compose r1 r2)
  | c1, Tcoerce_alias (env, path, c2) -> Tcoerce_alias (env, path, compose c1 c2)
  | c1, _ -> c1

(* The runtime components of a signature, in the order of the module block. *)
let components sg =
  List.filter_map (function
      | Sig_value (_, { val_kind = Val_prim _; _ }, _) -> None
      | Sig_value (id, vd, _) -> Some (Ident.name id, Value, `V vd)
      | Sig_typext (id, ext, _, _) -> Some (Ident.name id, Ctor, `E ext)
      | Sig_module (id, Mp_present, md, _, _) ->
          Some (Ident.name id, Module, `M md.md_type)
      | Sig_module (_, Mp_absent, _, _, _) -> None
      | Sig_class (id, _, _, _) -> Some (Ident.name id, Class, `C)
      | Sig_type _ | Sig_modtype _ | Sig_class_type _ -> None)
    sg

let dot p s = if p = "" then s else p ^ "." ^ s

let extend st tgt ns name = match tgt with
  | Global (u, p) -> Global (u, dot p name)
  | Own (p, Some d) ->
      (match Hashtbl.find_opt d.members (ns, name) with
       | Some d' -> Own (d'.path, Some d')
       | None -> ignore st; Own (dot p name, None))
  | Own (p, None) -> Own (dot p name, None)
  | Raw p -> Raw (dot p name)
  | Local -> Local
  | Predef -> Predef

let via_coercion = [ "via", Json.S "coercion" ]

(* References made by a coercion applied to the module [base] (None when the
   coerced module has no name).  Aliases met by the coercion are read whatever
   the base is. *)
let rec coercion_refs st loc env base mty cc =
  match cc with
  | Tcoerce_none | Tcoerce_functor _ -> ()
  | Tcoerce_primitive _ -> ()
  | Tcoerce_alias (env, path, c) ->
      let tgt = resolve st env Module path in
      emit st ~kind:"module"
        ~extra:(via_coercion
                @ (if c = Tcoerce_none then [ "whole", Json.B true ] else []))
        loc tgt;
      coercion_refs st loc env (Some tgt) (Mty_alias path) c
  | Tcoerce_structure (l, _) ->
      let sg = match scrape_sig env mty with Some sg -> sg | None -> [] in
      let comps = Array.of_list (components sg) in
      let env = lazy (try Env.add_signature sg env with _ -> env) in
      List.iter (fun (pos, c) ->
          match c with
          | Tcoerce_primitive { pc_desc; _ } ->
              (match base with
               | None -> ()
               | Some b ->
                   let name =
                     List.find_map (function
                         | Sig_value (id, { val_kind = Val_prim p; _ }, _)
                           when p.prim_name = pc_desc.prim_name ->
                             Some (Ident.name id)
                         | _ -> None) sg
                   in
                   match name with
                   | Some n ->
                       emit st ~kind:(prim_kind pc_desc)
                         ~extra:(prim_extra pc_desc @ via_coercion) loc
                         (extend st b Value n)
                   | _ -> ())
          | Tcoerce_alias _ ->
              coercion_refs st loc (Lazy.force env) None (Mty_signature []) c
          | _ ->
              if pos >= 0 && pos < Array.length comps then begin
                let (name, ns, what) = comps.(pos) in
                let b = Option.map (fun b -> extend st b ns name) base in
                (match b with
                 | Some b ->
                     let kind = match ns, what with
                       | Ctor, `E ext ->
                           if Path.same ext.ext_type_path Predef.path_exn
                           then "exception" else "extension"
                       | ns, _ -> ns_name ns in
                     let whole =
                       if ns = Module && c = Tcoerce_none
                       then [ "whole", Json.B true ] else [] in
                     emit st ~kind ~extra:(via_coercion @ whole) loc b
                 | _ -> ());
                match what with
                | `M mty -> coercion_refs st loc (Lazy.force env) b mty c
                | _ -> ()
              end)
        l
