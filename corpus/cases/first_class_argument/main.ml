let () = print_int (Runner.go (module Walker) 4)
