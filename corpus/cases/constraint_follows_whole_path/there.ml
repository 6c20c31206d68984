module M = struct let v0 = 1 end module R = Last
