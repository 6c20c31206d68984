val on_snd : ('a -> 'b) -> 'c * 'a -> 'c * 'b

module Table : module type of CTable
