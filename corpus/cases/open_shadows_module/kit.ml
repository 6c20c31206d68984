module Store = struct let size () = 3 end
