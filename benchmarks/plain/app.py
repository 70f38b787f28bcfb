"""The plain server: `uvicorn benchmarks.plain.app:app`.

Each chat reads the session's whole history, asks the model, and writes question and answer. Nothing else is done: no
lease, no transaction, no check of who asks, no deadline, no usage. Endpoints are ordinary functions, which FastAPI runs
in its pool of 40 threads; clients are made once, with a connection for each of those threads.
"""

import datetime as dt
import uuid
from typing import Any

import boto3
from botocore.config import Config
from fastapi import FastAPI  # type: ignore[import-not-found]  # installed for the peers alone
from pydantic import BaseModel  # type: ignore[import-not-found]  # as above

TABLE, MODEL = "ChatbotConversations", "us.amazon.nova-pro-v1:0"

app = FastAPI()
_config = Config(max_pool_connections=40)
dynamodb = boto3.client("dynamodb", config=_config)
bedrock = boto3.client("bedrock-runtime", config=_config)


class Question(BaseModel):  # type: ignore[misc]  # as above
    """What a caller sends."""

    message: str
    session_id: str


@app.post("/chat")  # type: ignore[untyped-decorator]  # as above
def chat(question: Question) -> dict[str, Any]:
    """Answers in the light of what was said before."""
    history = dynamodb.query(
        TableName=TABLE,
        KeyConditionExpression="SessionId = :session",
        ExpressionAttributeValues={":session": {"S": question.session_id}},
    )["Items"]
    said: list[Any] = [{"role": item["Role"]["S"], "content": [{"text": item["Content"]["S"]}]} for item in history]
    answer = bedrock.converse(
        modelId=MODEL,
        messages=[*said, {"role": "user", "content": [{"text": question.message}]}],
        inferenceConfig={"maxTokens": 2000},
    )
    text = answer["output"]["message"]["content"][0]["text"]
    asked_at = dt.datetime.now(dt.UTC)
    _store(question.session_id, asked_at, "user", question.message)
    _store(question.session_id, asked_at + dt.timedelta(microseconds=1), "assistant", text)
    return {"response": text, "session_id": question.session_id, "usage": answer["usage"]}


def _store(session_id: str, moment: dt.datetime, role: str, text: str) -> None:
    dynamodb.put_item(
        TableName=TABLE,
        Item={
            "SessionId": {"S": session_id},
            "Timestamp": {"S": moment.isoformat()},
            "MessageId": {"S": uuid.uuid4().hex},
            "Role": {"S": role},
            "Content": {"S": text},
        },
    )
