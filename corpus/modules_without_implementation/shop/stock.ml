let shelves : Kinds.item list = []
