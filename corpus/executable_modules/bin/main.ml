let answer : Kinds.answer = 42
let () = print_int (Work.run answer)
