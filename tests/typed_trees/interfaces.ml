(* What the interface of a unit exports, and the aliases that it turns into fields. *)

open Typedtree
open Types
open Definitions
open Paths
open References
open Coercions
open Structures

let exported_test st cmi_sig =
  match cmi_sig with
  | None -> (fun _ -> None)
  | Some sg ->
      let base = Lazy.force initial_env in
      let find sg ns name =
        List.find_map (fun si ->
            let is id = Ident.name id = name in
            match ns, si with
            | Value, Sig_value (id, _, _) when is id -> Some `Leaf
            | Type, (Sig_type (id, _, _, _) | Sig_class_type (id, _, _, _))
              when is id -> Some `Leaf
            | Ctor, Sig_typext (id, _, _, _) when is id -> Some `Leaf
            | Modtype, Sig_modtype (id, _, _) when is id -> Some `Leaf
            | Class, Sig_class (id, _, _, _) when is id -> Some `Leaf
            | Module, Sig_module (id, _, md, _, _) when is id ->
                Some (`Mod md.md_type)
            | _ -> None) sg
      in
      let rec sig_of env mty = match mty with
        | Mty_functor (_, m) -> sig_of env m
        | m ->
            match Mtype.scrape env m with
            | exception _ -> None
            | Mty_functor (_, m) -> sig_of env m
            | Mty_signature sg -> Some sg
            | Mty_alias _ as m -> scrape_sig env m
            | Mty_ident _ -> None
      in
      let rec test env sg ns = function
        | [] -> Some false
        | [ x ] -> Some (find sg ns x <> None)
        | x :: rest ->
            match find sg Module x with
            | Some (`Mod mty) ->
                let env = try Env.add_signature sg env with _ -> env in
                (match sig_of env mty with
                 | Some sg -> test env sg ns rest
                 | None -> None)
            | _ -> Some false
      in
      fun d ->
        let last = try Hashtbl.find st.counts (d.ns, d.path) with Not_found -> 1 in
        if d.nth < last then Some false
        else if List.mem_assoc "hidden" d.extra then Some false
        else test base sg d.ns (String.split_on_char '.' d.path)

(* operators such as ( .%{} ) contain dots: split with care *)
let split_path p =
  let n = String.length p in
  let rec go i start acc =
    if i >= n then List.rev (String.sub p start (n - start) :: acc)
    else if p.[i] = '.' && i > start
            && (match p.[start] with 'A' .. 'Z' | '_' -> true | _ -> false)
    then go (i + 1) (i + 1) (String.sub p start (i - start) :: acc)
    else go (i + 1) start acc
  in
  go 0 0 []

let exported_test st cmi_sig =
  let t = exported_test st cmi_sig in
  fun d -> try t { d with path = String.concat "." (split_path d.path) }
    with _ -> None

(* ------------------------------------------------------------------ *)
(* The unit as a whole                                                 *)

let has_arg args a = Array.exists (fun x -> x = a) args

let toplevel_coercion st str cmi_sig =
  match cmi_sig with
  | None -> None
  | Some sg ->
      match
        Includemod.compunit (Lazy.force initial_env)
          ~mark:Includemod.Mark_neither st.source str.str_type "(interface)" sg
      with
      | cc -> Some cc
      | exception e ->
          warn "%s: no coercion to the interface (%s)" st.unit_name
            (match e with
             | Includemod.Error _ -> "mismatch" | e -> Printexc.to_string e);
          None

(* Aliases of the implementation that the interface seals are copied into the
   module block. *)
let export_coercions st env cmi_sig cc =
  match cmi_sig, cc with
  | Some sg, Some (Tcoerce_structure (l, _)) ->
      let comps = Array.of_list (components sg) in
      List.iteri (fun i (pos, c) ->
          let owner =
            if i < Array.length comps then
              let (name, ns, _) = comps.(i) in
              List.find_opt (fun d -> d.path = name && d.ns = ns) st.defs
            else None in
          with_owner st (Option.to_list owner) (fun () ->
              let loc = match owner with
                | Some d -> d.loc | None -> Location.none in
              match c with
              | Tcoerce_alias (env, path, c') ->
                  (match owner with
                   | Some d -> d.extra <- d.extra @ [ "sealed", Json.B true ]
                   | None -> ());
                  let tgt = resolve st env Module path in
                  emit st ~kind:"module"
                    ~extra:(("via", Json.S "export")
                            :: (if c' = Tcoerce_none
                                then [ "whole", Json.B true ] else []))
                    loc tgt;
                  coercion_refs st loc env (Some tgt) (Mty_alias path) c'
              | Tcoerce_structure _ when pos >= 0 ->
                  coercion_refs st loc env None (Mty_signature []) c
              | _ -> ()))
        l
  | _ -> ()
