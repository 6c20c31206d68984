print_int (Flat.id Flat.two);;
print_int Flat.four
