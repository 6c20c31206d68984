module rec M : sig class c : object method m : int end end = struct class c = object method m = 3 end end
