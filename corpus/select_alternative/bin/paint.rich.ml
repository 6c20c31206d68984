let text s = No_such_library_anywhere.bold s
