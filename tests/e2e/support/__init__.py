"""Everything the end-to-end tests share: the daemon, its clients, and a look at processes from outside."""
