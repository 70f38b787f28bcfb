"""A chat server as one would write it in an afternoon, to compare with: FastAPI and boto3, four calls a chat."""
