(* References in expressions, patterns, types and local modules. *)

open Typedtree
open Types
open Definitions
open Paths
open References
open Coercions

let rec rebindable cl = match cl.cl_desc with
  | Tcl_ident _ -> true
  | Tcl_fun (_, _, _, cl, _) | Tcl_apply (cl, _) | Tcl_let (_, _, _, cl)
  | Tcl_open (_, cl) -> rebindable cl
  | Tcl_structure _ -> false
  | Tcl_constraint (c, _, _, _, _) ->
      let rec head c = match c.cl_desc with
        | Tcl_ident (p, _, _) -> Some p
        | Tcl_fun (_, _, _, c, _) | Tcl_apply (c, _) | Tcl_let (_, _, _, c)
        | Tcl_open (_, c) | Tcl_constraint (c, _, _, _, _) -> head c
        | Tcl_structure _ -> None in
      let rec same = function
        | Cty_constr (p, _, _) ->
            (match head c with Some q -> Path.same p q | None -> false)
        | Cty_arrow (_, _, t) -> same t
        | _ -> false in
      rebindable c && same cl.cl_type

let rec type_head ty = match (Ctype.repr ty).desc with
  | Tconstr (p, _, _) -> Some p
  | Tpoly (t, _) -> type_head t
  | _ -> None

let ref_type st env ~via ty loc =
  match type_head ty with
  (* the fields of an inline record belong to their constructor *)
  | Some (Path.Pdot (_, s)) when s <> "" && s.[0] >= 'A' && s.[0] <= 'Z' -> ()
  | Some p ->
      emit st ~kind:"type" ~extra:[ "via", Json.S via ] loc
        (resolve st env Type p)
  | None -> ()

(* The type [#c] of a class is the class itself. *)
let type_path st env path loc =
  let bare s =
    if s <> "" && s.[0] = '#' then String.sub s 1 (String.length s - 1) else s in
  let path = match path with
    | Path.Pdot (p, s) -> Path.Pdot (p, bare s)
    | p -> p in
  emit st ~kind:"type" loc (resolve st env Type path)

let pure_module me =
  (* as Translcore.pure_module: an open of such a module is only a name *)
  let rec go me = match me.mod_desc with
    | Tmod_ident _ -> true
    | Tmod_constraint (me, _, _, _) -> go me
    | _ -> false in
  go me

let find_module_type env path =
  try Some (Env.find_module path env).md_type with _ -> None

(* A module expression evaluated under coercion [cc]. *)
let rec module_expr st it ?(how = []) cc (me : module_expr) =
  match me.mod_desc with
  | Tmod_ident (path, lid) -> module_leaf st ~how cc me path lid.loc
  | Tmod_constraint
      ({ mod_desc = Tmod_ident (path, lid); _ }, _, Tmodtype_implicit,
       Tcoerce_alias (env, _, c)) ->
      emit_required st lid.loc
        (required_by_alias st (fun () ->
             match find_module_type env path with
             | Some (Mty_alias p1) ->
                 ignore (Env.normalize_module_path (Some lid.loc) env p1)
             | _ -> ()));
      module_leaf st ~how (compose cc c) me path lid.loc
  | Tmod_constraint (m, _, ann, c) ->
      (match ann with
       | Tmodtype_explicit mt -> it.Tast_iterator.module_type it mt
       | Tmodtype_implicit -> ());
      module_expr st it ~how (compose cc c) m
  | Tmod_structure str ->
      local_structure st it str;
      coercion_refs st me.mod_loc me.mod_env None me.mod_type cc
  | Tmod_functor (param, body) ->
      functor_param it param;
      module_expr st it Tcoerce_none body;
      (match cc with
       | Tcoerce_functor (_, res) ->
           coercion_refs st me.mod_loc me.mod_env None body.mod_type res
       | _ -> ())
  | Tmod_apply (f, arg, carg) ->
      module_expr st it ~how:(("role", Json.S "functor") :: how)
        (Tcoerce_functor (Tcoerce_none, Tcoerce_none)) f;
      module_expr st it ~how:(("role", Json.S "argument") :: how) carg arg;
      coercion_refs st me.mod_loc me.mod_env None me.mod_type cc
  | Tmod_unpack (e, _) ->
      it.Tast_iterator.expr it e;
      coercion_refs st me.mod_loc me.mod_env None me.mod_type cc

and functor_param it = function
  | Unit -> ()
  | Named (_, _, mt) -> it.Tast_iterator.module_type it mt

and module_leaf st ~how cc me path loc =
  let env = me.mod_env in
  let tgt, c = resolve2 st env Module path in
  let whole = match cc with
    | Tcoerce_none -> [ "whole", Json.B true ] | _ -> [] in
  emit st ~kind:"module" ~extra:(how @ whole @ canon st c) loc tgt;
  let mty = match find_module_type env path with
    | Some m -> m | None -> me.mod_type in
  coercion_refs st loc env (Some tgt) mty cc

(* A module binding that is only an alias: no code. *)
and alias_binding st (me : module_expr) =
  match me.mod_desc with
  | Tmod_ident (path, lid) ->
      let required =
        required_by_alias st (fun () ->
            Env.add_required_global (Path.head path)) in
      emit_required st lid.loc required
  | _ -> ()

and local_structure st it str =
  List.iter (local_item st it) str.str_items

and local_item st it item =
  match item.str_desc with
  | Tstr_module { mb_presence = Mp_absent; mb_expr; _ } ->
      alias_binding st mb_expr
  | Tstr_module mb -> module_expr st it Tcoerce_none mb.mb_expr
  | Tstr_recmodule l ->
      List.iter (fun mb -> module_expr st it Tcoerce_none mb.mb_expr) l;
      implicit_recmod st item.str_loc l
  | Tstr_open od -> open_decl st it od
  | Tstr_include incl ->
      module_expr st it ~how:[ "via", Json.S "include" ] Tcoerce_none
        incl.incl_mod
  | Tstr_primitive _ -> ()
  | Tstr_type _ | Tstr_modtype _ | Tstr_class_type _ ->
      Tast_iterator.default_iterator.structure_item it item
  | _ -> Tast_iterator.default_iterator.structure_item it item

and implicit_recmod st loc l =
  (* modules whose shape is only functions, lazies, classes and such modules
     are back-patched through CamlinternalMod *)
  let rec safe env mty = match scrape_sig env mty with
    | None -> false
    | Some sg ->
        List.for_all (function
            | Sig_value (_, { val_kind = Val_reg; val_type; _ }, _) ->
                (match (Ctype.repr (Ctype.expand_head env val_type)).desc with
                 | Tarrow _ -> true
                 | Tconstr (p, _, _) -> Path.same p Predef.path_lazy_t
                 | _ -> false)
            | Sig_typext _ -> false
            | Sig_module (_, Mp_present, md, _, _) -> safe env md.md_type
            | _ -> true) sg
  in
  if List.exists (fun mb ->
      mb.mb_id <> None
      && (try safe mb.mb_expr.mod_env mb.mb_expr.mod_type with _ -> false)) l
  then begin
    implicit st loc "CamlinternalMod" "init_mod";
    implicit st loc "CamlinternalMod" "update_mod"
  end

and open_decl st it od =
  match od.open_bound_items with
  | [] when pure_module od.open_expr -> ()
  | _ -> module_expr st it ~how:[ "via", Json.S "open" ] Tcoerce_none od.open_expr

let implicit_class st loc =
  emit st ~kind:"module" ~extra:[ "implicit", Json.B true ] loc
    (Global ("CamlinternalOO", ""))

let make_iterator st =
  let open Tast_iterator in
  let d = default_iterator in
  let expr it e =
    let env = e.exp_env in
    let loc = e.exp_loc in
    List.iter (fun (x, _, _) -> match x with
          | Texp_constraint t -> it.typ it t
          | Texp_coerce (o, t) -> Option.iter (it.typ it) o; it.typ it t
          | Texp_poly o -> Option.iter (it.typ it) o
          | Texp_newtype _ -> ()) e.exp_extra;
    match e.exp_desc with
    | Texp_ident (p, lid, vd) ->
        let l = { lid.loc with loc_ghost = lid.loc.loc_ghost || loc.loc_ghost } in
        ref_value st env p vd l
    | Texp_construct (lid, cd, args) ->
        (match cd.cstr_tag with
         | Cstr_extension (p, _) ->
             ref_ctor st env ~is_exn:(is_exn_type cd.cstr_res) p lid.loc
         | _ -> ref_type st env ~via:"constructor" cd.cstr_res lid.loc);
        List.iter (it.expr it) args
    | Texp_extension_constructor (lid, p) ->
        ref_ctor st env ~is_exn:false p lid.loc
    | Texp_new (p, lid, _) ->
        let t, c = resolve2 st env Class p in
        emit st ~kind:"class" ~extra:(canon st c) lid.loc t
    | Texp_override _ ->
        implicit st loc "CamlinternalOO" "copy"; d.expr it e
    | Texp_object _ -> implicit_class st loc; d.expr it e
    | Texp_letmodule (_, _, Mp_absent, me, body) ->
        alias_binding st me; it.expr it body
    | Texp_letmodule (_, _, Mp_present, me, body) ->
        module_expr st it Tcoerce_none me; it.expr it body
    | Texp_pack me ->
        module_expr st it ~how:[ "role", Json.S "pack" ] Tcoerce_none me
    | Texp_open (od, body) -> open_decl st it od; it.expr it body
    | Texp_letop { let_; ands; body; _ } ->
        List.iter (fun b ->
            ref_value st env b.bop_op_path b.bop_op_val b.bop_op_name.loc;
            it.expr it b.bop_exp) (let_ :: ands);
        it.case it body
    | Texp_field (e', lid, lbl) ->
        ref_type st env ~via:"field" lbl.lbl_res lid.loc; it.expr it e'
    | Texp_setfield (_, lid, lbl, _) ->
        ref_type st env ~via:"field" lbl.lbl_res lid.loc; d.expr it e
    | Texp_record { fields; _ } ->
        Array.iter (function
            | lbl, Overridden ((lid : Longident.t Location.loc), _) ->
                ref_type st env ~via:"field" lbl.lbl_res lid.loc
            | _, Kept _ -> ()) fields;
        d.expr it e
    | _ -> d.expr it e
  in
  let pat : type k. iterator -> k general_pattern -> unit = fun it p ->
    (match p.pat_desc with
     | Tpat_construct (lid, cd, _, _) ->
         (match cd.cstr_tag with
          | Cstr_extension (path, _) ->
              ref_ctor st p.pat_env ~is_exn:(is_exn_type cd.cstr_res) path
                lid.loc
          | _ -> ref_type st p.pat_env ~via:"constructor" cd.cstr_res lid.loc)
     | Tpat_lazy _ ->
         implicit st p.pat_loc "CamlinternalLazy" "force_lazy_block"
     | Tpat_record (fields, _) ->
         List.iter (fun ((lid : Longident.t Location.loc), lbl, _) ->
             ref_type st p.pat_env ~via:"field" lbl.lbl_res lid.loc) fields
     | _ -> ());
    List.iter (function
        | Tpat_type (path, lid), _, _ -> type_path st p.pat_env path lid.Location.loc
        | _ -> ()) p.pat_extra;
    d.pat it p
  in
  let class_expr it c =
    (match c.cl_desc with
     | Tcl_ident (p, lid, _) ->
         let t, k = resolve2 st c.cl_env Class p in
         emit st ~kind:"class" ~extra:(canon st k) lid.loc t
     | _ -> ());
    match c.cl_desc with
    | Tcl_constraint (c, ct, _, _, _) ->
        it.class_expr it c;
        Option.iter (it.class_type it) ct
    | _ -> d.class_expr it c
  in
  let extension_constructor it x =
    match x.ext_kind with
    | Text_rebind (p, lid) ->
        ref_ctor st Env.empty
          ~is_exn:(Path.same x.ext_type.ext_type_path Predef.path_exn) p lid.loc
    | Text_decl _ -> d.extension_constructor it x
  in
  let typ it t =
      (match t.ctyp_desc with
       | Ttyp_constr (p, lid, _) ->
           type_path st t.ctyp_env p lid.loc
       | Ttyp_class (p, lid, _) -> type_path st t.ctyp_env p lid.loc
       | Ttyp_package pk ->
           emit st ~kind:"moduletype" pk.pack_txt.loc
             (resolve st t.ctyp_env Modtype pk.pack_path)
       | _ -> ());
      d.typ it t
  in
  let class_type it t =
    (match t.cltyp_desc with
     | Tcty_constr (p, lid, _) -> type_path st t.cltyp_env p lid.loc
     | _ -> ());
    d.class_type it t
  in
  let module_type it t =
      (match t.mty_desc with
       | Tmty_ident (p, lid) ->
           emit st ~kind:"moduletype" lid.loc (resolve st t.mty_env Modtype p)
       | _ -> ());
      match t.mty_desc with
      | Tmty_typeof _ -> ()
      | _ -> d.module_type it t
  in
  { d with
    expr; pat; class_expr; class_type; extension_constructor; typ; module_type;
    module_expr = (fun it me -> module_expr st it Tcoerce_none me);
    module_coercion = (fun _ _ -> ());
    structure_item = (fun it i -> local_item st it i);
    open_declaration = (fun it od -> open_decl st it od);
    class_description = (fun _ _ -> ());
  }
