let minute () = Clock.Later.seconds 60
