module D = Deep
val own : int ref
