"""Where people take over: the packet they get, the queue they sit at."""
