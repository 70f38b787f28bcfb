"""One use case a module: values in, values out, no request and no status codes."""
