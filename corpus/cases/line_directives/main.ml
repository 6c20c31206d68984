let () =
# 7 "main.src"
  print_int
# 99 "other.src"
    Lexed.stop
