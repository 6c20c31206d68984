module I = Inner
val own : int ref
