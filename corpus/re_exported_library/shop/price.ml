let list () = [ 3; 4 ]
