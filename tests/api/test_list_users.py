"""GET /api/users."""

import pytest
from harness.users import unique_name


def test_finds_by_the_start_of_email_or_username(new_user, operator, auditor):
    stem = unique_name("find")
    by_name = new_user(username=f"{stem}a")
    by_email = new_user(email=f"{stem}b@example.com")
    new_user()
    for viewer in (operator, auditor):
        for query in (stem, stem.upper()):
            page = viewer.get("/api/users", params={"q": query}).ok()
            assert {item["id"] for item in page["data"]} == {by_name.id, by_email.id}
            assert (page["hasMore"], page["nextCursor"]) == (False, None)
    page = operator.get("/api/users", params={"q": stem}).ok()
    assert by_name.profile() in page["data"]


def test_pages_give_everybody_once(new_user, operator):
    stem = unique_name("page")
    made = {new_user(username=f"{stem}-{i}").id for i in range(7)}
    seen, cursor = [], {}
    while True:
        page = operator.get("/api/users", params={"q": stem, "limit": 3, **cursor}).ok()
        assert len(page["data"]) <= 3
        seen += [item["id"] for item in page["data"]]
        assert page["hasMore"] == (page["nextCursor"] is not None)
        if not page["hasMore"]:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("query", ["%", "_", "\\", "'", "%25", "a%", "((", "\u0661", "\U0001f600"])
def test_a_query_is_text_not_a_pattern(operator, query):
    found = operator.get("/api/users", params={"q": query}).ok()["data"]
    for item in found:
        assert item["email"].startswith(query) or item["username"].startswith(query)


def test_without_a_query_there_is_a_page_of_20(new_user, operator):
    for _ in range(21):
        new_user()
    page = operator.get("/api/users").ok()
    assert len(page["data"]) == 20
    assert page["hasMore"]


def test_is_not_for_users(user):
    user.get("/api/users").problem(403, "forbidden")


BAD = [
    ({"limit": "0"}, {"limit": "out_of_range"}),
    ({"limit": "101"}, {"limit": "out_of_range"}),
    ({"limit": "-1"}, {"limit": "out_of_range"}),
    ({"limit": "ten"}, {"limit": "out_of_range"}),
    ({"limit": "1.5"}, {"limit": "out_of_range"}),
    ({"limit": ""}, {"limit": "out_of_range"}),
    ({"limit": "99999999999999999999"}, {"limit": "out_of_range"}),
    ({"cursor": "nonsense"}, {"cursor": "invalid_format"}),
    ({"q": ""}, {"q": "required"}),
    ({"q": "  "}, {"q": "required"}),
    ({"q": "x" * 255}, {"q": "too_long"}),
]


@pytest.mark.parametrize(("params", "fields"), BAD)
def test_refuses_bad_parameters(operator, params, fields):
    operator.get("/api/users", params=params).problem(422, "validation_failed", fields)


def test_ignores_unknown_parameters(operator):
    operator.get("/api/users", params={"utm_source": "x"}).ok()
