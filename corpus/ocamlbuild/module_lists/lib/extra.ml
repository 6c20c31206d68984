let total text = List.length (Kit_table.words text)
