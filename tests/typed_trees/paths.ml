(* Which definition a path of the typed tree means, after the aliases on the way are rewritten. *)

open Types
open Definitions

type target =
  | Global of string * string              (* unit, path *)
  | Own of string * def option             (* path in this unit *)
  | Local                                  (* let-bound, parameter, ... *)
  | Predef
  | Raw of string

let rec flatten path acc = match path with
  | Path.Pident id -> Some (id, acc)
  | Path.Pdot (p, s) -> flatten p (s :: acc)
  | Path.Papply _ -> None

let initial_env = lazy Env.initial_safe_string

(* Replace the head of a path when it is a structure-level alias of this unit;
   used only when the environment of the expression cannot be rebuilt. *)
let rec manual_normalize st path =
  match path with
  | Path.Pident id ->
      (match Itbl.find_opt st.idents id with
       | Some { rebound = Some p; _ } -> manual_normalize st p
       | _ -> path)
  | Path.Pdot (p, s) ->
      let p' = Path.Pdot (manual_normalize st p, s) in
      (match Itbl.find_opt st.idents (Path.head p') with
       | exception _ -> p'
       | Some _ -> p'
       | None ->
           try Env.normalize_module_path None (Lazy.force initial_env) p'
           with _ -> p')
  | p -> p

let env_for env path =
  match Path.head path with
  | id when Ident.persistent id -> Lazy.force initial_env
  | _ -> env
  | exception _ -> env

(* Normalisation as typing does it: through every alias. *)
let normalize_typing st env path =
  try Env.normalize_module_path None (env_for env path) path
  with _ -> manual_normalize st path

let rec scrape_sig env mty =
  match mty with
  | Mty_signature sg -> Some sg
  | Mty_alias p ->
      (match Env.find_module (Env.normalize_module_path None env p) env with
       | exception _ -> None
       | md -> scrape_sig env md.md_type)
  | Mty_ident _ ->
      (match Mtype.scrape env mty with
       | exception _ -> None
       | Mty_ident _ -> None
       | m -> scrape_sig env m)
  | Mty_functor _ -> None

(* Is the component [s] of module [p] a field of its block, or only a name for
   another module?  A module re-exported by [include] has the type of an alias
   but is a field. *)
let absent_cache : (Path.t, (string, unit) Hashtbl.t) Hashtbl.t =
  Hashtbl.create 100

let absent_components env p =
  try Hashtbl.find absent_cache p
  with Not_found ->
    let t = Hashtbl.create 1 in
    (match Env.find_module p env with
     | exception _ -> ()
     | md ->
         match scrape_sig env md.md_type with
         | None -> ()
         | Some sg ->
             List.iter (function
                 | Sig_module (id, Mp_absent, _, _, _) ->
                     Hashtbl.replace t (Ident.name id) ()
                 | Sig_module (id, Mp_present, _, _, _) ->
                     Hashtbl.remove t (Ident.name id)
                 | _ -> ()) sg);
    Hashtbl.replace absent_cache p t;
    t

(* Normalisation as code generation does it: only through the aliases that are
   not fields of a module block.  The head of the result is what is linked. *)
let rec normalize_link st env path =
  let env = env_for env path in
  match path with
  | Path.Pident id when Ident.persistent id || Ident.is_predef id -> path
  | Path.Pident id ->
      (match Env.find_module_address path env with
       | exception _ -> manual_normalize st path
       | Env.Aident id' when Ident.same id id' -> path
       | _ ->
           match (Env.find_module path env).md_type with
           | Mty_alias q -> normalize_link st env q
           | _ | exception _ -> path)
  | Path.Pdot (p, s) ->
      let p' = normalize_link st env p in
      let env = env_for env p' in
      let path' = if p == p' then path else Path.Pdot (p', s) in
      if Hashtbl.mem (absent_components env p') s then
        match (Env.find_module path' env).md_type with
        | Mty_alias q -> normalize_link st env q
        | _ | exception _ -> path'
      else path'
  | Path.Papply _ -> normalize_typing st env path

let target_of st ns path =
  match flatten path [] with
  | None -> Raw (Path.name path)
  | Some (id, comps) ->
      if Ident.is_predef id then Predef
      else if Ident.persistent id then
        Global (Ident.name id, String.concat "." comps)
      else
        match Itbl.find_opt st.idents id with
        | None -> Local
        | Some d ->
            let rec go d = function
              | [] -> Own (d.path, Some d)
              | s :: rest as l ->
                  let key = ((if rest = [] then ns else Module), s) in
                  (match Hashtbl.find_opt d.members key with
                   | Some d' -> go d' rest
                   | None -> Own (String.concat "." (d.path :: l), None))
            in
            go d comps

let resolve_with norm st env ns path =
  match ns, path with
  | Module, p -> target_of st ns (norm st env p)
  | _, Path.Pdot (p, s) -> target_of st ns (Path.Pdot (norm st env p, s))
  | _, p -> target_of st ns p

let same_target a b = match a, b with
  | Global (u, p), Global (u', p') -> u = u' && p = p'
  | Own (p, d), Own (p', d') ->
      p = p' && (match d, d' with
          | None, None -> true
          | Some d, Some d' -> d == d'
          | _ -> false)
  | Raw a, Raw b -> a = b
  | Local, Local | Predef, Predef -> true
  | _ -> false

(* the target, and the typing-level one when it differs *)
let resolve2 st env ns path =
  let t = resolve_with normalize_link st env ns path in
  match path with
  | Path.Pident _ when ns <> Module -> t, None
  | _ ->
      let c = resolve_with normalize_typing st env ns path in
      t, (if same_target t c then None else Some c)

let resolve st env ns path = fst (resolve2 st env ns path)

let canon st = function
  | None -> []
  | Some (Global (u, p)) -> [ "canon_unit", Json.S u; "canon_path", Json.S p ]
  | Some (Own (p, _)) ->
      [ "canon_unit", Json.S st.unit_name; "canon_path", Json.S p ]
  | Some (Local | Predef | Raw _) -> []

(* Typing-time dependencies on the modules an alias is reached through: they
   exist only without -no-alias-deps. *)
let required_by_alias st f =
  if st.transparent then []
  else begin
    let before = Env.get_required_globals () in
    (try f () with _ -> ());
    List.filter (fun id -> not (List.exists (Ident.same id) before))
      (Env.get_required_globals ())
  end
