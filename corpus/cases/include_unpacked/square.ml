let area = 4
