let small x = x + 1
let () = Log.add "started"

module Make (Name : sig val name : string end) = struct
  let () = Log.add Name.name
end

module Applied = Make (struct let name = "applied" end)

let show x = Printf.sprintf "%d" x
