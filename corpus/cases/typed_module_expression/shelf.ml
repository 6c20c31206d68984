module Box = Box
