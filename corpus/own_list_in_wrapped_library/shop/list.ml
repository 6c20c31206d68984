let sort l = Stdlib.List.sort compare l
