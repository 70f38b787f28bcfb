"""How the two images are made: build.sh on the host, the other programs inside the build."""
