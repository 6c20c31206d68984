let text = {|Ghost.seen|}
