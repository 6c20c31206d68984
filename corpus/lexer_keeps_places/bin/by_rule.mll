{ let table = Queue.create () }
rule token = shortest
  | _+ as name ' ' { Queue.add name table; name }
  | eof { "" }
