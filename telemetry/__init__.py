"""What can be seen of the running service: the request id that ties a response, a log line and a problem together."""
