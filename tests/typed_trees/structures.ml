(* Definitions and references of structure items, at any depth of modules and functors. *)

open Typedtree
open Types
open Definitions
open Paths
open References
open Coercions
open Expressions

let shape e =
  let rec go e = match e.exp_desc with
    | Texp_function _ -> "function"
    | Texp_constant _ -> "constant"
    | Texp_construct (_, { cstr_tag = Cstr_extension _; _ }, _) -> "expr"
    | Texp_construct (_, _, args) | Texp_tuple args ->
        if List.for_all (fun a -> go a = "constant") args then "constant"
        else "expr"
    | Texp_variant (_, None) -> "constant"
    | Texp_ident _ -> "ident"
    | Texp_lazy _ -> "lazy"
    | _ -> "expr"
  in
  go e

(* extension constructors rebound need the environment of the item *)
let with_owner st owners f =
  let saved = st.current in
  st.current <- owners;
  Fun.protect ~finally:(fun () -> st.current <- saved) f

let rec strip_constraint me = match me.mod_desc with
  | Tmod_constraint (m, _, _, _) -> strip_constraint m
  | _ -> me

let target_string st = function
  | Global (u, p) -> Some (if p = "" then u else u ^ "." ^ p)
  | Own (p, _) -> Some (st.unit_name ^ "." ^ p)
  | Raw p -> Some p
  | Local | Predef -> None

let rec items st it sc l = List.iter (item st it sc) l

and item st it sc (i : structure_item) =
  let eff (loc : Location.t) f =
    st.effects <-
      Json.O (loc_fields loc
              @ (if st.within = "" then [] else [ "in", Json.S st.within ])
              @ (if loc.loc_ghost then [ "ghost", Json.B true ] else []))
      :: st.effects;
    with_owner st (match sc.functor_ with Some f -> [ f ] | None -> []) f
  in
  match i.str_desc with
  | Tstr_eval (e, _) -> eff i.str_loc (fun () -> it.Tast_iterator.expr it e)
  | Tstr_value (_, vbs) ->
      (* all names first: bindings may be recursive *)
      let owners =
        List.map (fun vb ->
            List.map (fun (id, (name : string Location.loc), _) ->
                add_def st sc Value "value" name.txt ~name_loc:name.loc
                  ~extra:[ "shape", Json.S (shape vb.vb_expr) ]
                  ~ids:[ id ] vb.vb_loc)
              (pat_bound_idents_full vb.vb_pat)) vbs
      in
      List.iter2 (fun vb owners ->
          let f () =
            it.Tast_iterator.pat it vb.vb_pat;
            it.Tast_iterator.expr it vb.vb_expr in
          if owners = [] then eff vb.vb_loc f else with_owner st owners f)
        vbs owners
  | Tstr_primitive vd ->
      let extra = match vd.val_val.val_kind with
        | Val_prim p -> prim_extra p | _ -> [] in
      let d = add_def st sc Value "external" vd.val_name.txt
          ~name_loc:vd.val_name.loc ~extra ~ids:[ vd.val_id ] vd.val_loc in
      with_owner st [ d ] (fun () -> it.Tast_iterator.value_description it vd)
  | Tstr_type (_, tds) ->
      let ds = List.map (fun td ->
          add_def st sc Type "type" td.typ_name.txt ~name_loc:td.typ_name.loc
            ~ids:[ td.typ_id ] td.typ_loc) tds in
      List.iter2 (fun td d ->
          with_owner st [ d ] (fun () ->
              it.Tast_iterator.type_declaration it td)) tds ds
  | Tstr_typext te ->
      List.iter (fun x ->
          let d = add_def st sc Ctor "extension" x.ext_name.txt
              ~name_loc:x.ext_name.loc ~ids:[ x.ext_id ] x.ext_loc in
          with_owner st [ d ] (fun () ->
              type_path st i.str_env te.tyext_path te.tyext_txt.loc;
              rebind st it i.str_env x))
        te.tyext_constructors
  | Tstr_exception te ->
      let x = te.tyexn_constructor in
      let d = add_def st sc Ctor "exception" x.ext_name.txt
          ~name_loc:x.ext_name.loc ~ids:[ x.ext_id ] x.ext_loc in
      with_owner st [ d ] (fun () -> rebind st it i.str_env x)
  | Tstr_module mb -> module_binding st it sc mb
  | Tstr_recmodule mbs ->
      let ds = List.map (fun mb -> declare_module st sc mb) mbs in
      List.iter2 (module_body st it sc) mbs ds;
      with_owner st (List.concat_map Option.to_list ds) (fun () ->
          implicit_recmod st i.str_loc mbs)
  | Tstr_modtype mtd ->
      let d = add_def st sc Modtype "moduletype" mtd.mtd_name.txt
          ~name_loc:mtd.mtd_name.loc ~ids:[ mtd.mtd_id ] mtd.mtd_loc in
      with_owner st [ d ] (fun () ->
          it.Tast_iterator.module_type_declaration it mtd)
  | Tstr_class cl ->
      let ds = List.map (fun (cd, _) ->
          let d = add_def st sc Class "class" cd.ci_id_name.txt
              ~name_loc:cd.ci_id_name.loc
              ~ids:[ cd.ci_id_class ] cd.ci_loc in
          List.iter (fun id -> Itbl.replace st.idents id d)
            [ cd.ci_id_class_type; cd.ci_id_object; cd.ci_id_typehash ];
          d) cl in
      List.iter2 (fun (cd, _) d ->
          with_owner st [ d ] (fun () ->
              if not (rebindable cd.ci_expr) then implicit_class st cd.ci_loc;
              it.Tast_iterator.class_expr it cd.ci_expr)) cl ds
  | Tstr_class_type l ->
      List.iter (fun (id, (name : string Location.loc), ctd) ->
          let d = add_def st sc Type "type" name.txt ~name_loc:name.loc
              ~extra:[ "classtype", Json.B true ]
              ~ids:[ id; ctd.ci_id_object; ctd.ci_id_typehash ] ctd.ci_loc in
          with_owner st [ d ] (fun () ->
              it.Tast_iterator.class_type it ctd.ci_expr)) l
  | Tstr_open od -> structure_open st it sc i od
  | Tstr_include incl -> structure_include st it sc incl
  | Tstr_attribute _ -> ()

and rebind st it env x =
  match x.ext_kind with
  | Text_rebind (p, lid) ->
      ref_ctor st env
        ~is_exn:(Path.same x.ext_type.ext_type_path Predef.path_exn) p lid.loc
  | Text_decl _ -> it.Tast_iterator.extension_constructor it x

and declare_module st sc mb =
  match mb.mb_id with
  | None -> None
  | Some id ->
      let body = strip_constraint mb.mb_expr in
      let kind = match mb.mb_presence, body.mod_desc with
        | Mp_absent, _ -> "alias"
        | _, Tmod_functor _ -> "functor"
        | _ ->
            match scrape_functor mb.mb_expr with true -> "functor" | _ -> "module"
      in
      (* the functor a module is the result of *)
      let rec applied me = match (strip_constraint me).mod_desc with
        | Tmod_apply (f, _, _) ->
            (match (strip_constraint f).mod_desc with
             | Tmod_ident (p, _) ->
                 target_string st (resolve st f.mod_env Module p)
             | Tmod_apply _ -> applied f
             | _ -> None)
        | _ -> None in
      let extra = match applied body with
        | Some f -> [ "origin_functor", Json.S f ] | None -> [] in
      Some (add_def st sc Module kind (Ident.name id) ~name_loc:mb.mb_name.loc
              ~extra ~ids:[ id ] mb.mb_loc)

and scrape_functor me =
  match Mtype.scrape me.mod_env me.mod_type with
  | Mty_functor _ -> true
  | _ -> false
  | exception _ -> false

and module_binding st it sc mb =
  let d = declare_module st sc mb in
  module_body st it sc mb d

and module_body st it sc mb d =
  let me = mb.mb_expr in
  match mb.mb_presence, d with
  | Mp_absent, d ->
      let owners = match d with Some d -> [ d ] | None -> [] in
      with_owner st owners (fun () -> alias_binding st me);
      (match me.mod_desc, d with
       | Tmod_ident (path, _), Some d ->
           let tgt = resolve st me.mod_env Module path in
           d.rebound <- Some path;
           (match target_string st tgt with
            | Some s ->
                d.extra <- d.extra @ [ "alias_of", Json.S s;
                                       "alias_raw", Json.S (Path.name path) ]
            | None -> ());
           (* members of an alias of a module of this unit *)
           (match tgt with
            | Own (_, Some t) ->
                Hashtbl.iter (Hashtbl.replace d.members) t.members
            | _ -> ())
       | _ -> ())
  | Mp_present, Some d ->
      named_module st it sc d d.path me Tcoerce_none
  | Mp_present, None ->
      (* module _ = ... : evaluated for its effects *)
      let d = { path = sc.prefix ^ "_"; ns = Module; kind = "module"; nth = 1;
                loc = mb.mb_loc; name_loc = mb.mb_loc;
                members = Hashtbl.create 1; rebound = None; extra = [] } in
      (match (strip_constraint me).mod_desc with
       | Tmod_structure _ ->
           with_owner st [] (fun () ->
               named_module st it sc d d.path me Tcoerce_none)
       | _ ->
           with_owner st (match sc.functor_ with Some f -> [ f ] | None -> [])
             (fun () -> module_expr st it Tcoerce_none me))

(* The body of a module bound to the name [d]. *)
and named_module st it sc d path me cc =
  match me.mod_desc with
  | Tmod_structure str ->
      let sc' = { sc with prefix = path ^ "."; table = d.members } in
      let saved = st.within in
      st.within <- path;
      with_owner st [] (fun () -> items st it sc' str.str_items);
      st.within <- saved;
      owned st d (fun () ->
          coercion_refs st me.mod_loc me.mod_env None me.mod_type cc)
  | Tmod_constraint ({ mod_desc = Tmod_ident _; _ }, _, _, _) ->
      owned st d (fun () -> module_expr st it cc me)
  | Tmod_constraint (m, _, ann, c) ->
      (match ann with
       | Tmodtype_explicit mt ->
           owned st d (fun () -> it.Tast_iterator.module_type it mt)
       | Tmodtype_implicit -> ());
      named_module st it sc d path m (compose cc c)
  | Tmod_functor (param, body) ->
      owned st d (fun () -> functor_param it param);
      let cc = match cc with Tcoerce_functor (_, r) -> r | _ -> Tcoerce_none in
      let sc = if sc.functor_ = None then { sc with functor_ = Some d } else sc in
      named_module st it sc d path body cc
  | _ -> owned st d (fun () -> module_expr st it cc me)

and owned st d f =
  if Filename.check_suffix d.path "_" && not (List.memq d st.defs) then f ()
  else with_owner st [ d ] f

and structure_open st it sc i od =
  match (strip_constraint od.open_expr).mod_desc with
  | Tmod_structure str ->
      let sc' = { sc with hidden = true } in
      items st it sc' str.str_items;
      rebind_signature st sc od.open_bound_items
  | _ ->
      match od.open_bound_items with
      | [] when pure_module od.open_expr -> ()
      | sg ->
          with_owner st (match sc.functor_ with Some f -> [ f ] | None -> [])
            (fun () ->
               module_expr st it ~how:[ "via", Json.S "open" ] Tcoerce_none
                 od.open_expr);
          included st { sc with hidden = true } ~how:"open" i.str_loc
            od.open_expr sg

(* open struct ... end / include struct ... end: the outer idents stand for the
   definitions just read *)
and rebind_signature st sc sg =
  List.iter (fun si ->
      let link ns id =
        match Hashtbl.find_opt sc.table (ns, Ident.name id) with
        | Some d -> Itbl.replace st.idents id d
        | None -> ()
      in
      match si with
      | Sig_value (id, _, _) -> link Value id
      | Sig_type (id, _, _, _) -> link Type id
      | Sig_typext (id, _, _, _) -> link Ctor id
      | Sig_module (id, _, _, _, _) -> link Module id
      | Sig_modtype (id, _, _) -> link Modtype id
      | Sig_class (id, _, _, _) -> link Class id
      | Sig_class_type (id, _, _, _) -> link Type id)
    sg

and structure_include st it sc incl =
  match (strip_constraint incl.incl_mod).mod_desc with
  | Tmod_structure str ->
      items st it sc str.str_items;
      (match incl.incl_mod.mod_desc with
       | Tmod_constraint (_, _, _, cc) ->
           with_owner st [] (fun () ->
               coercion_refs st incl.incl_loc incl.incl_mod.mod_env None
                 incl.incl_mod.mod_type cc)
       | _ -> ());
      rebind_signature st sc incl.incl_type
  | _ ->
      with_owner st (match sc.functor_ with Some f -> [ f ] | None -> [])
        (fun () ->
           module_expr st it ~how:[ "via", Json.S "include" ]
             (* the fields are read one by one: see [included] *)
             (Tcoerce_functor (Tcoerce_none, Tcoerce_none)) incl.incl_mod);
      included st sc ~how:"include" incl.incl_loc incl.incl_mod incl.incl_type

(* The items bound by [include M] or [open F(X)]. *)
and included st sc ~how loc me sg =
  let me' = strip_constraint me in
  let base = match me'.mod_desc with
    | Tmod_ident (p, _) -> Some (resolve st me'.mod_env Module p)
    | _ -> None in
  let functor_base =
    let rec go me = match (strip_constraint me).mod_desc with
      | Tmod_apply (f, _, _) -> go f
      | Tmod_ident (p, _) -> Some (resolve st me.mod_env Module p)
      | _ -> None in
    match me'.mod_desc with Tmod_apply (f, _, _) -> go f | _ -> None in
  let bind ns kind id ?(extra = []) runtime =
    let name = Ident.name id in
    let origin = match base with
      | Some b ->
          let t = extend st b ns name in
          (match target_string st t with
           | Some s -> [ "origin", Json.S s ] | None -> [])
      | None ->
          match functor_base with
          | Some t ->
              (match target_string st t with
               | Some s -> [ "origin_functor", Json.S s ] | None -> [])
          | None -> []
    in
    let d = add_def st sc ns kind name ~ids:[ id ]
        ~extra:(("include", Json.S how) :: origin @ extra) loc in
    if runtime then
      with_owner st [ d ] (fun () ->
          match base, functor_base with
          | Some b, _ ->
              emit st ~kind:(match kind with
                  | "external" ->
                      (match List.assoc_opt "prim" extra with
                       | Some (Json.S p) when p <> "" && p.[0] = '%' -> "primitive"
                       | _ -> "cexternal")
                  | "functor" | "alias" -> "module"
                  | k -> k)
                ~extra:[ "via", Json.S how ] loc (extend st b ns name)
          | None, Some f ->
              emit st ~kind:"module"
                ~extra:[ "via", Json.S how; "role", Json.S "functor" ] loc f
          | None, None -> ())
  in
  List.iter (function
      | Sig_value (id, { val_kind = Val_prim p; _ }, _) ->
          bind Value "external" id ~extra:(prim_extra p) true
      | Sig_value (id, _, _) -> bind Value "value" id true
      | Sig_type (id, _, _, _) | Sig_class_type (id, _, _, _)
        when (Ident.name id).[0] = '#'
          || (match Hashtbl.find_opt sc.table (Class, Ident.name id) with
              | Some d -> d.loc = loc | None -> false) ->
          (* the types that come with a class *)
          ()
      | Sig_type (id, _, _, _) -> bind Type "type" id false
      | Sig_typext (id, ext, _, _) ->
          bind Ctor
            (if Path.same ext.ext_type_path Predef.path_exn then "exception"
             else "extension") id true
      | Sig_module (id, Mp_absent, md, _, _) ->
          let extra = match md.md_type with
            | Mty_alias p ->
                (match target_string st (resolve st me.mod_env Module p) with
                 | Some s -> [ "alias_of", Json.S s;
                               "alias_raw", Json.S (Path.name p) ]
                 | None -> [])
            | _ -> [] in
          bind Module "alias" id ~extra false
      | Sig_module (id, Mp_present, md, _, _) ->
          let rec functor_ n mty = match mty with
            | Mty_functor _ -> true
            | Mty_alias p when n > 0 ->
                (match find_module_type me.mod_env p with
                 | Some m -> functor_ (n - 1) m | None -> false)
            | Mty_ident _ when n > 0 ->
                (match Mtype.scrape me.mod_env mty with
                 | exception _ -> false
                 | m -> functor_ 0 m)
            | _ -> false in
          let kind = if functor_ 10 md.md_type then "functor" else "module" in
          bind Module kind id true
      | Sig_modtype (id, _, _) -> bind Modtype "moduletype" id false
      | Sig_class (id, _, _, _) -> bind Class "class" id true
      | Sig_class_type (id, _, _, _) -> bind Type "type" id false)
    sg
