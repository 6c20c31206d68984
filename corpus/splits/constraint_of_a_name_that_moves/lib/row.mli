open Key
include S.ROW with type key := t
