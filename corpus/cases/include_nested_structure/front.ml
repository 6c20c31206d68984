module M = struct include Back end
