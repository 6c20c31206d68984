(* Colours with names. *)

let table =
  [
    ("aqua", 0x00ffff); ("azure", 0xf0ffff); ("beige", 0xf5f5dc); ("black", 0x000000); ("blue", 0x0000ff); ("brown", 0xa52a2a);
    ("chocolate", 0xd2691e); ("coral", 0xff7f50); ("crimson", 0xdc143c); ("cyan", 0x00ffff); ("fuchsia", 0xff00ff);
    ("gold", 0xffd700); ("gray", 0x808080); ("green", 0x008000); ("indigo", 0x4b0082); ("ivory", 0xfffff0); ("khaki", 0xf0e68c);
    ("lavender", 0xe6e6fa); ("lime", 0x00ff00); ("linen", 0xfaf0e6); ("magenta", 0xff00ff); ("maroon", 0x800000);
    ("navy", 0x000080); ("olive", 0x808000); ("orange", 0xffa500); ("orchid", 0xda70d6); ("peru", 0xcd853f); ("pink", 0xffc0cb);
    ("plum", 0xdda0dd); ("purple", 0x800080); ("red", 0xff0000); ("salmon", 0xfa8072); ("sienna", 0xa0522d); ("silver", 0xc0c0c0);
    ("snow", 0xfffafa); ("tan", 0xd2b48c); ("teal", 0x008080); ("thistle", 0xd8bfd8); ("tomato", 0xff6347); ("turquoise", 0x40e0d0);
    ("violet", 0xee82ee); ("wheat", 0xf5deb3); ("white", 0xffffff); ("yellow", 0xffff00);
  ]

let find name = Option.map Rgb.of_int (List.assoc_opt (String.lowercase_ascii name) table)

let nearest { Rgb.r; g; b } =
  let distance n =
    let c = Rgb.of_int n in
    ((c.Rgb.r - r) * (c.Rgb.r - r)) + ((c.Rgb.g - g) * (c.Rgb.g - g)) + ((c.Rgb.b - b) * (c.Rgb.b - b))
  in
  match List.sort (fun (_, a) (_, b) -> compare (distance a) (distance b)) table with (name, _) :: _ -> name | [] -> "none"
