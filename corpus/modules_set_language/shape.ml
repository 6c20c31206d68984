let area n = n * Size.unit
