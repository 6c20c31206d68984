let nothing = ()
