(** Sun and moon of a day. *)

let text (site : Site.t) date =
  let clock = function Some hours -> Metkit.Solar.clock hours | None -> "--:--" in
  let place f = f ~latitude:site.latitude ~longitude:site.longitude date in
  Printf.sprintf "sun %s to %s UTC, %s"
    (clock (place Metkit.Solar.sunrise))
    (clock (place Metkit.Solar.sunset))
    (Metkit.Solar.moon_name (Metkit.Solar.moon date))
