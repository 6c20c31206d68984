type t = On | Off
