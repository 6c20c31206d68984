let () = print_int (Bound.Q.v0 + Bound_before.Q.zz + Bound_local.f () + Argument.Q.v + Included.v0)
