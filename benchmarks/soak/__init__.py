"""A long run with everything that happens to a server, to see whether anything of it stays: `make soak`."""
