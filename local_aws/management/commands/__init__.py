"""`runlocal` is what `make run` starts; `preparelocal` is one of its children."""
