let () =
  print_int (Net.read Net.colors (Net.next Net.Red) + Net.plain + Net.read Net.lists [ Net.Red ]);
  print_int (List.length Net.names + Array.length Net.cells);
  print_int (List.length (Source.get Net.Sources.any) + Array.length Net.Sources.cells)
