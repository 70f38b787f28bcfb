"""DynamoDB, and nothing else: tables and one module per aggregate. Rows go in, values of `domain.py` come out."""
