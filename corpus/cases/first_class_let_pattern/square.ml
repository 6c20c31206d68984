let make area = (module struct let area = area end : Shape.S)
