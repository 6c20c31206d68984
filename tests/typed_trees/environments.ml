(* Environments of the typed tree, rebuilt from their summaries. *)

let load_path_key = ref []

let set_load_path dirs =
  if dirs <> !load_path_key then begin
    load_path_key := dirs;
    Load_path.init dirs;
    Envaux.reset_cache ()
  end

let is_dir d = try Sys.is_directory d with Sys_error _ -> false

let uniq l =
  List.rev (List.fold_left (fun acc x -> if List.mem x acc then acc else x :: acc)
              [] l)

(* summaries are turned back into environments, with a cache on the physical
   summary (a structural cache is too slow on large units) *)
module Phys = Hashtbl.Make (struct
    type t = Obj.t
    let equal = ( == )
    let hash (x : Obj.t) = Hashtbl.hash x
  end)

let env_failures = ref 0

(* the libraries of one project are installed side by side, and the load path
   of a .cmt names them by their build directories *)
let siblings : string list ref = ref []

let restore_env =
  let cache : Env.t Phys.t = Phys.create 1000 in
  (fun (_ : Tast_mapper.mapper) e ->
     let key = Obj.repr (Env.summary e) in
     try Phys.find cache key
     with Not_found ->
       let e' =
         try Envaux.env_of_only_summary e
         with _ -> incr env_failures; e in
       Phys.add cache key e';
       e'),
  (fun () -> Phys.reset cache)
