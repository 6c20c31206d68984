type 'a t = 'a array
