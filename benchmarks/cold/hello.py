"""The peer: a hello server of FastAPI and Mangum, with boto3's clients for the same two services made at its start."""

import boto3
from fastapi import FastAPI  # type: ignore[import-not-found]  # installed for the peer alone
from mangum import Mangum  # type: ignore[import-not-found]  # as above

app = FastAPI()
dynamodb = boto3.client("dynamodb")
bedrock = boto3.client("bedrock-runtime")


@app.post("/chat")  # type: ignore[untyped-decorator]  # as above
def hello() -> dict[str, str]:
    """Says the same to everybody, and asks nobody."""
    return {"response": "Hello"}


handler = Mangum(app, lifespan="off")
