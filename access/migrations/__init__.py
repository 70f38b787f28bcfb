"""SQL migrations of what staff's pages about keys need; the keys are in DynamoDB."""
