let depth = List.length [ 1; 2; 3 ]
