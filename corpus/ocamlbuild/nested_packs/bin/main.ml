let () = print_endline (Kit.Text.shout "hello")
