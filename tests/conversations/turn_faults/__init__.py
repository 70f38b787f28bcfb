"""Every fault of DynamoDB and Bedrock, on a first and a later turn, answered as JSON and as a stream.

After each: the books hold (`holding.whole_history`), what the caller heard is what is kept, and when the fault is over
the same request with the same Idempotency-Key ends well and is one question with one answer.
"""
