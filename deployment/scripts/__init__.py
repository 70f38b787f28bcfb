"""What the deploy scripts ask of AWS and of the deployed API, through boto3: no other client has to be installed."""
