type 'a loc = { txt : 'a; at : int }
