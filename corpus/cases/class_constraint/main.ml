class stool : Look.t = object method legs = 3 end
class bench = object inherit Seat.t method legs = 4 end
let () = print_int ((new stool)#legs + (new bench)#double)
