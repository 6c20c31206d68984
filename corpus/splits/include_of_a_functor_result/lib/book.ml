module Log (Label : sig
  val label : string
end) =
struct
  let warn text = prerr_endline (Label.label ^ ": " ^ text)
  let line text = Label.label ^ "|" ^ text
end

include Log (struct
  let label = "book"
end)

module Pages = struct
  type t = { title : string; lines : Buffer.t }

  let make title = { title; lines = Buffer.create 80 }
  let add page text = if text = "" then warn "an empty line" else Buffer.add_string page.lines (line text)
  let print page = Format.printf "@[<v>%s@,%s@]@." page.title (Buffer.contents page.lines)
end

module Index = struct
  type t = (string, int list) Hashtbl.t

  let make () : t = Hashtbl.create 16

  let add (index : t) word page =
    match Hashtbl.find_opt index word with
    | None -> Hashtbl.add index word [ page ]
    | Some pages when List.mem page pages -> warn (word ^ " is there")
    | Some pages -> Hashtbl.replace index word (page :: pages)

  let print (index : t) = Hashtbl.iter (fun word pages -> Printf.printf "%s %d\n" (line word) (List.length pages)) index
end

let double_entry amount = (amount, -amount)
