let of_hours () = Now.hours () * 60
