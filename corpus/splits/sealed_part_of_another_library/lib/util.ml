let on_snd f (a, b) = (a, f b)

module Table = CTable
