class virtual t = object (self) method virtual legs : int method double = 2 * self#legs end
