"""What the deploy scripts ask of AWS and of the deployed API."""
