"""SQL migrations of placeholders and of the groups of staff; the data of conversations is in DynamoDB."""
