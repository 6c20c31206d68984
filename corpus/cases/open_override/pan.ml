let litres = 5
