let () =
  print_int
    (By_path.N.g 1 + Constants_by_path.v + Constants.v + One_of_functions.N.g 2 + Functions_by_name.M.f 3
    + Constrained.N.g 4 + Nested.M.A.f 5 + Nested_constant.N.A.f 6 + Exceptions.M.f 7 + fst Tuples.M.f 8);
  ignore (Data_of_others.v, Abstract_types.M.empty);
  let module F = Functors.M.F (struct end) in
  print_int (F.f 9 + (new Classes.M.c)#m)
