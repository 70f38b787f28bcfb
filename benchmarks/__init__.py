"""What a chat costs, beside its floor: `make bench`. See docs/PERFORMANCE.md.

Four programs work together: the server as in production, an upstream that plays DynamoDB and Bedrock, callers that chat
without a pause, and the floor: a bare botocore program that makes the same calls of the same turn.
"""
