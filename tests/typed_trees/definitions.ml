(* Structure-level definitions, and the state of the walk over one unit. *)

let warn fmt = Printf.ksprintf prerr_endline fmt

type ns = Value | Module | Ctor | Class | Type | Modtype

let ns_name = function
  | Value -> "value" | Module -> "module" | Ctor -> "ctor" | Class -> "class"
  | Type -> "type" | Modtype -> "moduletype"

type def = {
  path : string;
  ns : ns;
  mutable kind : string;
  nth : int;
  loc : Location.t;
  name_loc : Location.t;
  members : (ns * string, def) Hashtbl.t;  (* last definition of each name *)
  mutable rebound : Path.t option;         (* raw target of a module alias *)
  mutable extra : (string * Json.t) list;
}

type scope = {
  prefix : string;                         (* "" or "Sub." *)
  table : (ns * string, def) Hashtbl.t;    (* members of the enclosing module *)
  functor_ : def option;                   (* innermost enclosing functor *)
  hidden : bool;                           (* inside open struct ... end *)
}

module Itbl = Hashtbl.Make (struct
    type t = Ident.t
    let equal = Ident.same
    let hash = Ident.hash
  end)

type state = {
  unit_name : string;
  source : string;
  transparent : bool;                      (* -no-alias-deps *)
  idents : def Itbl.t;                     (* structure-level idents only *)
  counts : (ns * string, int) Hashtbl.t;
  mutable defs : def list;                 (* reversed *)
  mutable refs : Json.t list;              (* reversed *)
  mutable effects : Json.t list;
  mutable current : def list;              (* owners of the code being read *)
  mutable within : string;                 (* path of the enclosing module *)
  mutable raw_count : int;
  seen : (string, unit) Hashtbl.t;         (* edges emitted *)
}

let line (p : Lexing.position) = p.pos_lnum
let col (p : Lexing.position) = p.pos_cnum - p.pos_bol

let loc_fields (l : Location.t) =
  [ "start", Json.I (line l.loc_start); "end", Json.I (line l.loc_end);
    "start_col", Json.I (col l.loc_start); "end_col", Json.I (col l.loc_end) ]

let fresh_def st ns kind path loc name_loc extra =
  let nth =
    1 + (try Hashtbl.find st.counts (ns, path) with Not_found -> 0) in
  Hashtbl.replace st.counts (ns, path) nth;
  let d = { path; ns; kind; nth; loc; name_loc; members = Hashtbl.create 1;
            rebound = None; extra } in
  st.defs <- d :: st.defs;
  d

let add_def st sc ns kind name ?(extra = []) ?name_loc ~ids loc =
  let name_loc = match name_loc with Some l -> l | None -> loc in
  let extra =
    extra
    @ (if sc.hidden then [ "hidden", Json.B true ] else [])
    @ (match sc.functor_ with
        | Some f -> [ "in_functor", Json.S f.path ] | None -> [])
  in
  let d = fresh_def st ns kind (sc.prefix ^ name) loc name_loc extra in
  Hashtbl.replace sc.table (ns, name) d;
  List.iter (fun id -> Itbl.replace st.idents id d) ids;
  d
