module RV = Rv
