include module type of Base with type event = Base.event
