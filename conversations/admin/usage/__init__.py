"""The dashboard of usage and cost: a page with charts drawn by the server, and the same lines as a CSV file."""
