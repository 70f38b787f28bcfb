"""The peer's lower bound: the same hello, with boto3 imported and no client made."""

import boto3  # noqa: F401  # what is measured is its import
from fastapi import FastAPI  # type: ignore[import-not-found]  # installed for the peer alone
from mangum import Mangum  # type: ignore[import-not-found]  # as above

app = FastAPI()


@app.post("/chat")  # type: ignore[untyped-decorator]  # as above
def hello() -> dict[str, str]:
    """Says the same to everybody."""
    return {"response": "Hello"}


handler = Mangum(app, lifespan="off")
