"""AWS on a laptop: MiniStack, an offline model and the commands that run them. Nothing in production imports it."""
