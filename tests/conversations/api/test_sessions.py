"""GET /sessions and PATCH /sessions/{session_id}, and what is somebody else's."""

import httpx
import pytest

from conversations.store.tables import SESSION_KEY, SessionRow
from tests.conversations.api.asking import problem
from tests.scripted_bedrock import ScriptedBedrock


def chat(api: httpx.Client, message: str, session_id: str) -> httpx.Response:
    return api.post("/chat", json={"message": message, "session_id": session_id})


def test_lists_latest_activity_first_page_by_page(api: httpx.Client) -> None:
    for name in ("a", "b", "c", "a"):
        chat(api, f"Hello from {name}", name)
    first = api.get("/sessions", params={"limit": 2}).json()
    assert [session["session_id"] for session in first["sessions"]] == ["a", "c"]
    second = api.get("/sessions", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [session["session_id"] for session in second["sessions"]] == ["b"]
    assert second["next_cursor"] is None
    newest = first["sessions"][0]
    assert newest == {
        "session_id": "a",
        "title": "Hello from a",
        "created_at": newest["created_at"],
        "updated_at": newest["updated_at"],
        "message_count": 4,
        "state": "idle",
    }


def test_a_failed_turn_is_seen_in_the_list(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.fail("AccessDeniedException", times=None)
    chat(api, "Hello", "a")
    assert [session["state"] for session in api.get("/sessions").json()["sessions"]] == ["failed"]


@pytest.mark.parametrize(
    "cursor", ["nonsense", "WyIyMDI2Il0", "WyJhIiwiYiJd", "WyIyMDI2LTk5LTk5VDAwOjAwOjAwLjAwMDAwMFoiLCJzIl0"]
)
def test_refuses_a_bad_cursor(api: httpx.Client, cursor: str) -> None:
    assert problem(api.get("/sessions", params={"cursor": cursor})) == (400, "invalid_request")


def test_renames(api: httpx.Client) -> None:
    chat(api, "Hello", "a")
    answer = api.patch("/sessions/a", json={"title": "  Größe  "})
    assert (answer.status_code, answer.json()["title"]) == (200, "  Größe  ")
    assert api.get("/history/a").json()["title"] == "  Größe  "


def test_a_title_is_not_given_to_a_session_that_is_not_there(api: httpx.Client) -> None:
    assert problem(api.patch("/sessions/a", json={"title": "New"})) == (404, "session_not_found")
    assert problem(api.patch("/sessions/a", json={})) == (400, "invalid_request")
    assert api.get("/sessions").json()["sessions"] == []


def test_somebody_elses_session_does_not_exist(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    chat(api, "Hello", "theirs")
    SessionRow.table().update_item("theirs", SESSION_KEY, actions=[SessionRow.owner.set("somebody else")])
    asked = len(bedrock.requests)
    assert problem(api.get("/history/theirs")) == (404, "session_not_found")
    assert problem(api.patch("/sessions/theirs", json={"title": "Mine"})) == (404, "session_not_found")
    assert problem(chat(api, "Hello", "theirs")) == (404, "session_not_found")
    assert api.delete("/history/theirs").status_code == 204
    assert len(bedrock.requests) == asked
    kept = SessionRow.get("theirs", SESSION_KEY)
    assert (kept.owner, kept.title, kept.message_count) == ("somebody else", "Hello", 2)
