"""What is deployed, run as it is."""
