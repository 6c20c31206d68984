type t = { text : string; counted : Fac_count.t }

let make text = { text; counted = Fac_count.start }
let show t = Printf.sprintf "%s (%d)" t.text (Fac_count.to_int t.counted)
