"""How the images are built; and, marked `deploy`, the images that `make images` built, run as a cluster runs them."""
