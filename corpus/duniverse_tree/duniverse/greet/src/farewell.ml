let text = "bye"
