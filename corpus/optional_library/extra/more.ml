let total = No_such_library_anywhere.total
