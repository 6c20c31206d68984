let text = "not forced"
