let read text = Scanf.sscanf text "%dx%d" (fun width height -> width * height)
