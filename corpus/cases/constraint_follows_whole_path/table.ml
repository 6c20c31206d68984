module N = There
