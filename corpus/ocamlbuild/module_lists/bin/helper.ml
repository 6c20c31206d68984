let greet name = Kit_text.shout (name ^ " you")
