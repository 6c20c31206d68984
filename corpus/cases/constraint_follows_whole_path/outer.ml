module Q = (Table.N)
