include S.ROW
