"""The tables of access in DynamoDB: their models, and what is read and written. Knows no request."""
