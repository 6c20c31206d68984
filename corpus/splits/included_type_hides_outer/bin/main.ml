let () = print_int (Lib.Pos.Build.depth (Lib.Pos.Build.of_pos (Lib.Pos.left Lib.Pos.stop)))
