let words text = Str.split (Str.regexp " ") text
let rule n = String.concat "" (List.init n (fun _ -> "-"))
let total text = Deep.Tables.sum (words text)
