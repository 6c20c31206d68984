let () = print_int (List.length Lists.a + Typed.m + Patterns.f [])
let () = ignore (new Classes.bench)
