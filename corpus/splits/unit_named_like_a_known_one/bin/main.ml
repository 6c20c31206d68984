let () = print_int (Q.small 1); List.iter print_string !Log.lines
