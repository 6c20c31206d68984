class t = object val n = 0 method turn = {< n = n + 1 >} method n = n end
