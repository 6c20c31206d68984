include S.PAGE
