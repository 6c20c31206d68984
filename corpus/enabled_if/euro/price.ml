let currency = "euro"
