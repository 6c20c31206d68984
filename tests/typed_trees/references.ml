(* Emission of references to values, constructors and modules. *)

open Types
open Definitions
open Paths

let emit st ~kind ?(extra = []) (loc : Location.t) target =
  let send unit path nth raw =
    let tgt =
      [ "unit", Json.S unit; "path", Json.S path ]
      @ (if nth > 1 then [ "nth", Json.I nth ] else [])
    in
    let ghost = if loc.loc_ghost then [ "ghost", Json.B true ] else [] in
    let raw = if raw then [ "raw", Json.B true ] else [] in
    (* each edge once, with the place of its first reference *)
    let one from =
      let edge = from @ tgt @ [ "kind", Json.S kind ] @ ghost @ raw @ extra in
      let b = Buffer.create 80 in
      Json.write b (Json.O edge);
      let key = Buffer.contents b in
      if not (Hashtbl.mem st.seen key) then begin
        Hashtbl.add st.seen key ();
        let place = [ "line", Json.I (line loc.loc_start);
                      "col", Json.I (col loc.loc_start) ] in
        st.refs <- Json.O (edge @ place) :: st.refs
      end
    in
    match st.current with
    | [] ->
        one (("from", Json.S "")
             :: (if st.within = "" then [] else [ "in", Json.S st.within ]))
    | l ->
        List.iter (fun d ->
            one (("from", Json.S d.path)
                 :: (if d.ns <> Value then [ "from_ns", Json.S (ns_name d.ns) ]
                     else [])
                 @ (if d.nth > 1 then [ "from_nth", Json.I d.nth ] else [])))
          l
  in
  match target with
  | Global (u, p) -> send u p 1 false
  | Own (p, d) ->
      send st.unit_name p (match d with Some d -> d.nth | None -> 1) false
  | Raw p -> st.raw_count <- st.raw_count + 1; send "" p 1 true
  | Local | Predef -> ()

let emit_required st loc ids =
  List.iter (fun id ->
      if Ident.persistent id then
        emit st ~kind:"module" ~extra:[ "via", Json.S "alias-required" ] loc
          (Global (Ident.name id, "")))
    ids

let implicit st loc unit path =
  emit st ~kind:"value" ~extra:[ "implicit", Json.B true ] loc
    (Global (unit, path))

let prim_kind (p : Primitive.description) =
  if p.prim_name = "%sys_argv" then "cexternal"
  else if p.prim_name <> "" && p.prim_name.[0] = '%' then "primitive"
  else "cexternal"

let prim_extra (p : Primitive.description) =
  let n = p.prim_native_name in
  ("prim", Json.S p.prim_name)
  :: (if n <> "" && n <> p.prim_name then [ "prim_native", Json.S n ] else [])

let ref_value st env path (vd : Types.value_description) loc =
  match vd.val_kind with
  | Val_self _ | Val_ivar _ | Val_anc _ -> ()
  | Val_prim p ->
      let kind = prim_kind p in
      (* no field is read: the dependency is on the typing-level path *)
      emit st ~kind ~extra:(prim_extra p) loc
        (resolve_with normalize_typing st env Value path);
      if kind = "cexternal" then begin
        match path with
        | Path.Pdot _ ->
            emit_required st loc
              (required_by_alias st (fun () ->
                   ignore (Env.normalize_path_prefix (Some loc) env path)))
        | _ -> ()
      end;
      if p.prim_name = "%lazy_force" then
        implicit st loc "CamlinternalLazy" "force_lazy_block"
  | Val_reg ->
      let t, c = resolve2 st env Value path in
      emit st ~kind:"value" ~extra:(canon st c) loc t

let ref_ctor st env ~is_exn path loc =
  let t, c = resolve2 st env Ctor path in
  emit st ~kind:(if is_exn then "exception" else "extension")
    ~extra:(canon st c) loc t

let is_exn_type ty =
  match (Ctype.repr ty).desc with
  | Tconstr (p, _, _) -> Path.same p Predef.path_exn
  | _ -> false
