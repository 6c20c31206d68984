let currency = No_such_library_anywhere.name
