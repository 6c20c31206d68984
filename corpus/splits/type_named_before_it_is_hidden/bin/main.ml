let () = print_string (Lib.Helper.Exp.mk "a").Lib.Types.txt
