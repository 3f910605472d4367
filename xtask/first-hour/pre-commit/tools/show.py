print("a tool may print")
