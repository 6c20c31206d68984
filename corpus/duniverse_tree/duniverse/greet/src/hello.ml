let text = Shout.loud "hello"
