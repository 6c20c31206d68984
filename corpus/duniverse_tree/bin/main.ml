let () = print_string Greet_words.Hello.text
