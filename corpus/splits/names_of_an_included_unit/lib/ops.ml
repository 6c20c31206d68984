let ( *> ) a b = ignore a; b
let ( <* ) a b = ignore b; a
