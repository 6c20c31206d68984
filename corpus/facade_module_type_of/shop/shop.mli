module Price : module type of struct include Price end
module Stock : module type of Stock
