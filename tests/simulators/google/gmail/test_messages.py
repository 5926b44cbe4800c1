"""messages.list and messages.get as a client sees them."""

from __future__ import annotations

import pytest

from simulators.google import Service
from simulators.google.mail import labels as names
from simulators.google.mail.mailbox import Mailbox
from tests.simulators.google.asking import Caller
from tests.simulators.google.gmail.conftest import SIZE
from tests.simulators.google.gmail.reading import decoded, ids, of_kind, raw

OUT = names.OUT_OF_SIGHT


def _expected(box: Mailbox, *every: str, none: frozenset[str] = OUT) -> list[str]:
    return [box.id(row.number) for row in box.rows(frozenset(every), none)]


def test_all_messages_are_listed_newest_first_without_spam_and_trash(caller: Caller, box: Mailbox) -> None:
    found = ids(caller)
    assert found == _expected(box)
    assert len(set(found)) == len(found) < SIZE
    dates = [box.date(number) for each in found if (number := box.number(each)) is not None]
    plain = [date for date in dates if date > 0]
    assert plain == sorted(plain, reverse=True)


def test_spam_and_trash_are_listed_when_asked_for(caller: Caller, box: Mailbox) -> None:
    assert ids(caller, includeSpamTrash=True) == _expected(box, none=frozenset())
    assert len(ids(caller, includeSpamTrash=True)) == SIZE


def test_an_entry_has_its_id_and_thread_and_nothing_else(caller: Caller, box: Mailbox) -> None:
    """The document: "Note that each message resource contains only an id and a threadId"."""
    for each in caller.gmail("messages", maxResults=50).json["messages"]:
        number = box.number(each["id"])
        assert number is not None
        assert each == {"id": box.id(number), "threadId": box.id(box.root(number))}


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (499, 499), (500, 500), (501, 500), (100_000, 500), (0, 100)])
def test_a_page_has_at_most_five_hundred(caller: Caller, asked: int, given: int) -> None:
    """The document: "This field defaults to 100. The maximum allowed value for this field is 500"."""
    assert len(caller.gmail("messages", maxResults=asked).json["messages"]) == given


def test_a_page_has_a_hundred_if_nothing_is_said(caller: Caller) -> None:
    assert len(caller.gmail("messages").json["messages"]) == 100


@pytest.mark.parametrize("size", [1, 7, 250, 500])
def test_pages_of_any_size_give_the_same(caller: Caller, box: Mailbox, size: int) -> None:
    query = {"labelIds": [names.STARRED], "maxResults": size}
    assert ids(caller, **query) == _expected(box, names.STARRED)


def test_the_estimate_is_no_count(caller: Caller) -> None:
    """mail: "resultSizeEstimate is not a count: use getProfile.messagesTotal"."""
    assert caller.gmail("messages", maxResults=500).json["resultSizeEstimate"] == 201
    profile = caller.gmail("profile").json
    assert (profile["messagesTotal"], profile["emailAddress"]) == (SIZE, "ana@example.org")


def test_nothing_found_is_said_by_saying_nothing(caller: Caller, box: Mailbox) -> None:
    box.add_label("Empty")
    empty = next(label for label, said in box.labels.items() if said["name"] == "Empty")
    assert caller.gmail("messages", labelIds=[empty]).json == {"resultSizeEstimate": 0}


@pytest.mark.parametrize("label", [*names.SYSTEM, "Label_2"])
def test_a_label_is_listed(caller: Caller, box: Mailbox, label: str) -> None:
    own = frozenset() if label in OUT else OUT
    found = ids(caller, labelIds=[label])
    assert found == _expected(box, label, none=own)
    assert found


def test_several_labels_are_all_had(caller: Caller, box: Mailbox) -> None:
    """The document: "Only return messages with labels that match all of the specified label IDs"."""
    both = [names.INBOX, names.UNREAD]
    assert ids(caller, labelIds=both) == _expected(box, *both)
    assert ids(caller, labelIds=[names.INBOX, names.SENT]) == []


def test_a_label_in_the_trash_is_seen_only_with_the_trash(caller: Caller, box: Mailbox) -> None:
    message = ids(caller, labelIds=["Label_2"])[0]
    box.trash(message)
    assert message not in ids(caller, labelIds=["Label_2"])
    assert message in ids(caller, labelIds=["Label_2"], includeSpamTrash=True)
    assert message in ids(caller, labelIds=["Label_2", names.TRASH])


def test_a_label_there_is_not_is_refused(caller: Caller) -> None:
    answer = caller.gmail("messages", labelIds=["Dianne"])
    assert (answer.status, answer.reason) == (400, "invalidArgument")
    assert answer.error["message"] == "Invalid label: Dianne"
    assert caller.gmail("messages", labelIds="INBOX,UNREAD").status == 400, "labels are not joined by commas"


def test_chats_are_listed_and_carry_their_label(caller: Caller, box: Mailbox) -> None:
    """Chat messages carry CHAT, so that a client can tell them from mail."""
    found = ids(caller, labelIds=[names.CHAT])
    assert set(found) < set(ids(caller))
    assert not set(found) & set(ids(caller, q="-in:chats"))
    assert caller.gmail(f"messages/{found[0]}", format="minimal").json["labelIds"] == ["CHAT"]
    assert len(_expected(box, names.CHAT)) == len(found)


@pytest.mark.parametrize(
    "token", ["17777013873299207940 02896703247563117206", "x", "pFkCjJQg0vBbInBhZ2UiLCJnbWFpbC51c2Vycy5tZXNzYWdlcw"]
)
def test_a_page_token_that_is_none_is_refused(caller: Caller, token: str) -> None:
    answer = caller.gmail("messages", pageToken=token)
    assert (answer.status, answer.reason, answer.error["message"]) == (400, "invalidArgument", "Invalid pageToken")


def test_a_page_token_of_another_list_is_refused(caller: Caller, server: Service) -> None:
    token = caller.gmail("messages", maxResults=5).json["nextPageToken"]
    assert caller.gmail("messages", maxResults=9, pageToken=token).status == 200
    assert caller.gmail("messages", labelIds=["INBOX"], pageToken=token).status == 400
    assert caller.gmail("threads", pageToken=token).status == 400
    assert caller.gmail("history", startHistoryId=1, pageToken=token).status in {400, 404}
    server.add_account("bo@example.org", messages=50)
    other = Caller(server, server.token("gmail.readonly", user="bo@example.org"))
    assert other.gmail("messages", pageToken=token).status == 400


def test_mail_that_arrives_while_listing_does_not_disturb_the_pages(caller: Caller, box: Mailbox) -> None:
    expected = _expected(box)
    first = caller.gmail("messages", maxResults=500).json
    new = box.arrive()
    box.delete(expected[600])
    rest = ids(caller, pageToken=first["nextPageToken"])
    assert [each["id"] for each in first["messages"]] + rest == [each for each in expected if each != expected[600]]
    assert ids(caller)[0] == new


def test_pages_may_shift_so_that_messages_are_named_twice_or_not_at_all(caller: Caller, box: Mailbox) -> None:
    """mail: "Mail may move while listing: dedupe ids"; case "list shifting"."""
    box.habits.shifting = True
    expected = _expected(box)
    first = caller.gmail("messages", maxResults=100).json
    box.arrive()
    second = caller.gmail("messages", maxResults=100, pageToken=first["nextPageToken"]).json
    assert second["messages"][0] == first["messages"][-1]
    for each in expected[:3]:
        box.delete(each)
    third = caller.gmail("messages", maxResults=100, pageToken=second["nextPageToken"]).json
    named = [each["id"] for page in (first, second, third) for each in page["messages"]]
    assert set(expected[:300]) - set(named)


def test_a_message_gone_between_list_and_get_is_not_found(caller: Caller, box: Mailbox) -> None:
    message = ids(caller)[3]
    box.delete(message)
    answer = caller.gmail(f"messages/{message}", format="raw")
    assert (answer.status, answer.reason) == (404, "notFound")
    assert answer.error["message"] == "Requested entity was not found."
    assert answer.error["status"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("abc123", 404),
        ("1", 404),
        ("18c9a1b2c3d4e5f6", 404),
        ("ffffffffffffffff", 400),
        ("18c9a1b2c3d4e5f6aa", 400),
        ("nosuchmessageid", 400),
        ("dsid_0004a380575f4a44a9e80a65cbfd8081", 400),
        ("%20", 400),
        ("%C3%A9", 400),
        ("-1", 400),
    ],
)
def test_an_id_that_cannot_be_one_is_refused_and_another_is_not_found(caller: Caller, said: str, status: int) -> None:
    """As measured in brekkylab/backlot#39."""
    for path in (f"messages/{said}", f"threads/{said}"):
        answer = caller.gmail(path)
        assert answer.status == status, answer.body
        assert answer.reason == ("notFound" if status == 404 else "invalidArgument")


def test_every_message_has_its_bytes(caller: Caller, box: Mailbox) -> None:
    """19/19 awkward messages byte-exact, and the other kinds as well: what is sent is what there is."""
    for number in range(500):
        assert raw(caller, box.id(number)) == box.body(number).whole(), box.kind(number)


def test_half_of_the_messages_come_without_padding(caller: Caller, box: Mailbox) -> None:
    """mail: base64url "padding may be missing: add it"."""
    said = [caller.gmail(f"messages/{box.id(number)}", format="raw").json["raw"] for number in range(60, 100)]
    assert any(each.endswith("=") for each in said)
    assert any(len(each) % 4 for each in said)
    assert not any(set("+/\r\n") & set(each) for each in said)


def test_the_fields_of_each_format(caller: Caller, box: Mailbox) -> None:
    message = ids(caller, labelIds=[names.INBOX])[0]
    both = {"id", "threadId", "labelIds", "snippet", "historyId", "internalDate", "sizeEstimate"}
    fields = {form: set(caller.gmail(f"messages/{message}", format=form).json) for form in ("minimal", "raw", "full")}
    assert fields == {"minimal": both, "raw": {*both, "raw"}, "full": {*both, "payload"}}
    assert set(caller.gmail(f"messages/{message}").json) == fields["full"], "full is the default"
    said = caller.gmail(f"messages/{message}", format="minimal").json
    number = box.number(message)
    assert number is not None
    row = box.row(number)
    assert row is not None
    assert said["labelIds"] == sorted(row.labels)
    assert said["internalDate"] == str(box.date(number))
    assert said["historyId"] == str(row.history)


def test_numbers_that_do_not_fit_are_texts(caller: Caller, box: Mailbox) -> None:
    """The document: "historyId uint64 as string; internalDate ms since epoch as string, may be 0 or negative"."""
    for kind, date in (("internal-date-0", "0"), ("internal-date-1969", "-86400000")):
        said = caller.gmail(f"messages/{of_kind(box, kind)}", format="minimal").json
        assert said["internalDate"] == date
        assert isinstance(said["historyId"], str)
        assert isinstance(said["sizeEstimate"], int)


def test_an_archived_message_has_no_labels_at_all(caller: Caller, box: Mailbox) -> None:
    number = next(row.number for row in box.rows() if not row.labels)
    assert "labelIds" not in caller.gmail(f"messages/{box.id(number)}", format="minimal").json


def test_the_size_is_an_estimate(caller: Caller, box: Mailbox) -> None:
    """Case of mail: the size that is told differs from what is delivered."""
    told = {n: caller.gmail(f"messages/{box.id(n)}", format="minimal").json["sizeEstimate"] for n in range(100, 130)}
    right = [n for n, size in told.items() if size == box.body(n).size]
    assert 15 < len(right) < 30
    assert all(abs(size - box.body(n).size) <= box.body(n).size // 50 + 7 for n, size in told.items())


def test_an_empty_message_has_no_raw(caller: Caller, box: Mailbox) -> None:
    message = box.arrive(kind="empty")
    said = caller.gmail(f"messages/{message}", format="raw").json
    assert "raw" not in said
    assert said["sizeEstimate"] in {0, 7}


def test_only_some_fields_are_sent(caller: Caller, box: Mailbox) -> None:
    message = box.id(40)
    said = caller.gmail(f"messages/{message}", format="raw", fields="id,labelIds,internalDate,raw").json
    assert set(said) <= {"id", "labelIds", "internalDate", "raw"}
    assert decoded(said["raw"]) == box.body(40).whole()
    page = caller.gmail("messages", maxResults=3, fields="messages/id,nextPageToken").json
    assert [set(each) for each in page["messages"]] == [{"id"}] * 3
    assert set(page) == {"messages", "nextPageToken"}
    assert caller.gmail("messages", fields="bogus").status == 400


def test_another_user_has_other_mail(server: Service, caller: Caller, box: Mailbox) -> None:
    other = server.add_account("bo@example.org", messages=10, seed=4).mail
    foreign = Caller(server, server.token("gmail.readonly", user="bo@example.org"))
    assert len(ids(foreign, includeSpamTrash=True)) == 10
    assert foreign.gmail(f"messages/{box.id(1700)}").status == 404
    assert foreign.gmail("profile").json["emailAddress"] == "bo@example.org"
    assert other.user == "bo@example.org"
    nobody = Caller(server, server.token("gmail.readonly", user="cy@example.org"))
    assert nobody.gmail("messages").json == {"resultSizeEstimate": 0}
    assert nobody.gmail("profile").json["messagesTotal"] == 0
    assert caller.gmail("profile").json["messagesTotal"] == SIZE
