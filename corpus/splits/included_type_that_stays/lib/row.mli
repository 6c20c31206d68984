include S.ROW

val top : level
