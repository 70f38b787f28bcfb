"""GET /sessions and PATCH /sessions/{session_id}, and what is somebody else's."""

import datetime as dt

import httpx
import pytest

from conversations.store import erasing
from conversations.store.tables import SESSION_KEY, SessionRow
from tests.conversations.admin.stored import NOW, a_session
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


def test_pages_stay_full_past_sessions_whose_erasing_broke_off(api: httpx.Client) -> None:
    ids = [f"s{number:02}" for number in range(30)]
    for session_id in ids:
        a_session(session_id, at=NOW - dt.timedelta(minutes=int(session_id[1:])), owner="anonymous")
    over = {ids[0], *ids[4:19], ids[29]}
    for session_id in over:
        erasing.mark(session_id, owner="anonymous", now=NOW)
    pages: list[list[str]] = []
    cursor = None
    while not pages or cursor:
        query = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        body = api.get("/sessions", params=query).json()
        pages.append([session["session_id"] for session in body["sessions"]])
        cursor = body["next_cursor"]
    left = [session_id for session_id in ids if session_id not in over]
    assert pages == [left[:4], left[4:8], left[8:12], left[12:]]


def test_one_whose_erasing_broke_off_is_not_there_for_anybody(api: httpx.Client) -> None:
    chat(api, "Hello", "a")
    erasing.mark("a", owner="anonymous", now=NOW)
    assert api.get("/sessions").json() == {"sessions": [], "next_cursor": None}
    assert problem(api.get("/history/a")) == (404, "session_not_found")
    assert problem(api.patch("/sessions/a", json={"title": "New"})) == (404, "session_not_found")
    assert problem(api.delete("/sessions/a/pending")) == (404, "session_not_found")
    assert api.delete("/history/a").status_code == 204
    assert list(SessionRow.query("a")) == []
