"""How the project is served and shipped, and what is checked of what it ships with."""
