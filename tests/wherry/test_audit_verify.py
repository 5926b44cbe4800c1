"""The verifier of exported audit logs: whatever is done to a file, it is noticed and named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.wherry.audit_logs import KEY, OTHER_KEY, STORE, Log, answer, dumped, file_of, genesis, job_ends, public
from wherry.audit_verify import BAD_SIGNATURE, BROKEN, OK, TRUNCATED

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = job_ends().lines()
GOOD = file_of(LINES)
SMALL = file_of(Log().record("store", "grant.live").record("job:0000", count=5).lines())
"""With one signature only: checking one in plain Python takes milliseconds."""
RECORDS = [number for number, line in enumerate(LINES) if '"record":' in line]
CHECKPOINTS = [number for number, line in enumerate(LINES) if line.startswith('{"checkpoint"')]


def changed(number: int, change: Callable[[str], str]) -> bytes:
    """Return the file with one line changed."""
    after = change(LINES[number])
    assert after != LINES[number], "a change that changes nothing proves nothing"
    return file_of([*LINES[:number], after, *LINES[number + 1 :]])


def test_a_file_as_it_was_written_is_good() -> None:
    assert answer(GOOD) == (OK, "12 records")


@pytest.mark.parametrize("jobs", [0, 1, 2, 17])
@pytest.mark.parametrize("pages", [0, 1, 5])
def test_logs_of_every_size_are_good(jobs: int, pages: int) -> None:
    log = job_ends(jobs=jobs, pages=pages) if jobs else Log()
    assert answer(file_of(log.lines()))[0] == OK


def test_a_log_without_any_record_is_good() -> None:
    assert answer(file_of(Log().lines())) == (OK, "0 records")


def test_a_job_alone_is_good_without_the_stores_chain() -> None:
    log = Log(scope="job:7f3a").record("job:7f3a").checkpoint("job:7f3a").record("job:7f3a")
    assert answer(file_of(log.lines())) == (OK, "2 records")


def test_another_chain_in_the_log_of_one_job_is_refused() -> None:
    log = Log(scope="job:7f3a").record("job:7f3a").record("job:8888")
    code, said = answer(file_of(log.lines()))
    assert code == BROKEN
    assert "job:8888" in said


def test_every_single_byte_counts() -> None:
    """Each byte, turned into another one: never good, always a code that says why."""
    small = SMALL
    for place in range(len(small)):
        flipped = small[:place] + bytes([small[place] ^ 1]) + small[place + 1 :]
        assert answer(flipped)[0] in {BROKEN, TRUNCATED, BAD_SIGNATURE}, (
            place,
            flipped[max(0, place - 30) : place + 5],
        )


def test_every_byte_that_is_missing_is_missed() -> None:
    small = SMALL
    for place in range(len(small)):
        assert answer(small[:place] + small[place + 1 :])[0] != OK, place


def test_every_beginning_of_a_file_is_a_truncated_one() -> None:
    for length in range(len(SMALL)):
        assert answer(SMALL[:length])[0] == TRUNCATED, length


def test_every_line_a_file_may_end_at_leaves_a_truncated_one() -> None:
    for count in range(len(LINES)):
        code, said = answer(file_of(LINES[:count]))
        assert (code, "signed end is missing" in said) == (TRUNCATED, True)


@pytest.mark.parametrize("number", CHECKPOINTS)
def test_every_part_of_a_checkpoint_counts(number: int) -> None:
    line = LINES[number]
    for place in range(0, len(line), 11):
        other = line[:place] + chr(ord(line[place]) ^ 1) + line[place + 1 :]
        assert answer(file_of([*LINES[:number], other, *LINES[number + 1 :]]))[0] in {BROKEN, BAD_SIGNATURE}, place


@pytest.mark.parametrize("number", RECORDS)
def test_a_record_left_out(number: int) -> None:
    assert answer(file_of(LINES[:number] + LINES[number + 1 :]))[0] in {BROKEN, TRUNCATED}


@pytest.mark.parametrize("number", RECORDS)
def test_a_record_said_twice(number: int) -> None:
    code, said = answer(file_of([*LINES[: number + 1], *LINES[number:]]))
    assert code == BROKEN
    assert "seq" in said


@pytest.mark.parametrize("number", RECORDS[:-1])
def test_two_lines_that_changed_places(number: int) -> None:
    swapped = [*LINES[:number], LINES[number + 1], LINES[number], *LINES[number + 2 :]]
    assert answer(file_of(swapped))[0] in {BROKEN, TRUNCATED}


@pytest.mark.parametrize("number", range(1, len(LINES) - 1))
def test_a_record_put_in_between(number: int) -> None:
    """It is well formed, and follows the record before it: still it is one too many."""
    strange = Log(store=STORE).record("job:0000", count=99).body[0]
    assert answer(file_of([*LINES[:number], strange, *LINES[number:]]))[0] in {BROKEN, TRUNCATED}


@pytest.mark.parametrize("number", CHECKPOINTS)
def test_a_checkpoint_left_out(number: int) -> None:
    assert answer(file_of(LINES[:number] + LINES[number + 1 :]))[0] == TRUNCATED


@pytest.mark.parametrize("number", CHECKPOINTS)
def test_a_checkpoint_said_twice(number: int) -> None:
    assert answer(file_of([*LINES[: number + 1], *LINES[number:]]))[0] == TRUNCATED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"count":1', '"count":2'),
        ('"bytes":1000', '"bytes":1001'),
        ('"outcome":"done"', '"outcome":"failed"'),
        ('"tenant":"local"', '"tenant":"other"'),
        ('"actor":{"kind":"worker"}', '"actor":{"kind":"user"}'),
        ('"ts":1795000000000001', '"ts":1795000000000002'),
        ('"v":1', '"v":2'),
    ],
)
def test_one_word_of_a_record_changed(before: str, after: str) -> None:
    number = next(n for n in RECORDS if before in LINES[n] and "job:0000" in LINES[n] and "store" not in LINES[n])
    code, said = answer(changed(number, lambda line: line.replace(before, after)))
    assert code == BROKEN
    seq = json.loads(LINES[number])["record"]["seq"]
    assert f"job:0000 is broken at seq {seq}" in said


def test_the_break_is_named_where_it_is() -> None:
    """A reviewer has to find it: the number of the first record that is wrong, not of the last."""
    log = Log()
    for count in range(100):
        log.record("store", "grant.live", count=count)
    lines = log.lines()
    lines[58] = lines[58].replace('"count":57', '"count":58')
    assert answer(file_of(lines)) == (BROKEN, "store is broken at seq 58")


def rechained(lines: list[str], number: int, change: Callable[[str], str]) -> list[str]:
    """Change a record and compute every hash after it anew, as somebody would who holds the database."""
    made = Log(store=STORE)
    after = []
    for place, line in enumerate(lines):
        if '"record":' not in line:
            after.append(line)
            continue
        said = json.loads(change(line) if place == number else line)
        said["record"].pop("seq")
        event = said["record"].pop("event")
        made.record(said["chain"], event, **said["record"])
        after.append(made.body[-1])
    return after


@pytest.mark.parametrize("number", [n for n in RECORDS if "job.ended" not in LINES[n]][2:])
def test_hashes_computed_anew_without_the_key(number: int) -> None:
    """All hashes agree again; the checkpoint was signed over another one."""
    lines = rechained(LINES, number, lambda line: line.replace('"run":1', '"run":9'))
    assert answer(file_of(lines))[0] == BROKEN


@pytest.mark.parametrize("number", CHECKPOINTS)
def test_a_checkpoint_fitted_to_new_hashes_is_not_signed(number: int) -> None:
    said = json.loads(LINES[number])["checkpoint"]
    forged = LINES[number].replace(said["hash"], "0" * 64)
    code, words = answer(file_of([*LINES[:number], forged, *LINES[number + 1 :]]))
    assert (code, "signature" in words) == (BAD_SIGNATURE, True)


def test_everything_written_anew_with_another_key() -> None:
    forged = file_of(job_ends(pages=5, key=OTHER_KEY).lines())
    assert answer(forged, public(OTHER_KEY))[0] == OK, "it is a good log, only not ours"
    assert answer(forged)[0] == BAD_SIGNATURE


def test_a_key_that_calls_itself_ours() -> None:
    """The name of the key is part of what is signed, and proves nothing by itself."""
    log = job_ends(key=OTHER_KEY)
    ours = dumped(json.loads(Log().end())["end"]["key_id"])
    theirs = dumped(json.loads(log.end())["end"]["key_id"])
    assert answer(file_of(log.lines()).replace(theirs.encode(), ours.encode()))[0] == BAD_SIGNATURE


def test_a_wrong_key_is_said_as_such() -> None:
    code, said = answer(GOOD, public(OTHER_KEY))
    assert (code, "not of the given key" in said) == (BAD_SIGNATURE, True)


def test_several_keys_may_be_given() -> None:
    """Two machines sign with a key each, and so does one before and after its key was lost."""
    assert answer(GOOD, public(OTHER_KEY), public())[0] == OK


def test_without_any_key_nothing_is_good() -> None:
    assert answer(GOOD, b"\0" * 32)[0] == BAD_SIGNATURE


def test_a_checkpoint_of_another_store() -> None:
    """The same chain, the same number, the same key: another database."""
    theirs = job_ends(store="6" * 32).lines()
    number = CHECKPOINTS[1]
    assert answer(file_of([*LINES[:number], theirs[number], *LINES[number + 1 :]]))[0] == BAD_SIGNATURE


def test_the_end_of_another_store() -> None:
    theirs = job_ends(store="6" * 32).lines()
    assert answer(file_of([*LINES[:-1], theirs[-1]]))[0] == BAD_SIGNATURE


def test_the_head_of_another_store() -> None:
    theirs = job_ends(store="6" * 32).lines()
    assert answer(file_of([theirs[0], *LINES[1:]])) == (BROKEN, "store is broken at seq 1")


def test_a_chain_under_another_name() -> None:
    """Two jobs with equal records would have equal chains, did their names not stand before the first."""
    lines = [line.replace("job:0001", "job:0002") if '"record"' in line else line for line in LINES]
    assert answer(file_of(lines))[0] == BROKEN
    assert genesis(STORE, "job:0001") != genesis(STORE, "job:0002")


def test_an_older_export_s_end_under_a_longer_log() -> None:
    old = job_ends(jobs=1).lines()
    assert answer(file_of([*LINES[:-1], old[-1]]))[0] == TRUNCATED


def test_a_whole_chain_left_out() -> None:
    """The store's chain has on record that it was there."""
    log = job_ends(jobs=2)
    log.body = [
        line
        for line in log.body
        if '{"chain":"job:0001"' not in line and '"checkpoint":{"chain":"job:0001"' not in line
    ]
    ends = {chain: end for chain, end in log.ends.items() if chain != "job:0001"}
    log.ends, log.records, log.checkpoints = ends, 7, 2
    code, said = answer(file_of(log.lines()))
    assert (code, "job:0001 seq 5" in said) == (TRUNCATED, True)


def test_the_end_of_a_chain_left_out_with_its_checkpoint() -> None:
    """Signed anew by somebody who can sign exports: the store's chain still knows how long it was."""
    whole = Log().record("job:aaaa").record("job:aaaa").record("job:aaaa")
    log = Log().promise("job:aaaa", 3, whole.ends["job:aaaa"][1])
    log.record("job:aaaa").record("job:aaaa")
    code, said = answer(file_of(log.lines()))
    assert (code, "job:aaaa seq 3" in said) == (TRUNCATED, True)


def test_a_checkpoint_beyond_the_end_of_its_chain() -> None:
    log = Log().record("job:aaaa").record("job:aaaa").checkpoint("job:aaaa", seq=9)
    code, said = answer(file_of(log.lines()))
    assert (code, said) == (TRUNCATED, "job:aaaa went on to seq 9, after job:aaaa seq 2")


def test_a_chain_rewritten_against_the_stores_word() -> None:
    log = Log().promise("job:aaaa", 1, "0" * 64).record("job:aaaa")
    code, said = answer(file_of(log.lines()))
    assert (code, said) == (BROKEN, "job:aaaa is broken at seq 1: the store has another record there")


def test_records_after_the_one_on_record_are_fine() -> None:
    """A job goes on after its first run ended."""
    first = Log().record("job:aaaa").ends["job:aaaa"]
    log = Log().promise("job:aaaa", *first).record("job:aaaa").record("job:aaaa")
    assert answer(file_of(log.lines()))[0] == OK


def test_a_chain_in_two_pieces() -> None:
    log = Log().record("job:aaaa").record("job:bbbb").record("job:aaaa")
    assert answer(file_of(log.lines()))[0] == BROKEN


def test_nothing_may_follow_the_end() -> None:
    for more in (b"\n", b"{}\n", GOOD):
        assert answer(GOOD + more)[0] == BROKEN


def test_a_signature_with_a_second_spelling_is_refused() -> None:
    number = CHECKPOINTS[0]
    signature = json.loads(LINES[number])["signature"]
    assert answer(changed(number, lambda line: line.replace(signature, signature.upper())))[0] in {OK, BAD_SIGNATURE}
    spaced = " ".join(signature[place : place + 2] for place in range(0, 128, 2))
    assert answer(changed(number, lambda line: line.replace(signature, spaced[:120])))[0] == BAD_SIGNATURE


def test_a_checkpoint_does_not_pass_for_an_end() -> None:
    """What a signature is for is part of what is signed."""
    log = Log().record("store", "grant.live")
    end = json.loads(log.end())
    as_checkpoint = KEY.sign(b"wherry audit checkpoint v1\n" + dumped(end["end"]).encode()).hex()
    forged = f'{{"end":{dumped(end["end"])},"signature":"{as_checkpoint}"}}'
    assert answer(file_of([log.head(), *log.body, forged]))[0] == BAD_SIGNATURE


@pytest.mark.parametrize("change", [{"records": 11}, {"records": 13}, {"checkpoints": 2}, {"scope": "job:0000"}])
def test_an_end_that_counts_differently(change: dict[str, object]) -> None:
    log = job_ends()
    assert answer(file_of([*log.lines()[:-1], log.end(**change)]))[0] == TRUNCATED


def test_an_end_over_other_heads() -> None:
    log = job_ends()
    assert answer(file_of([*log.lines()[:-1], log.end(heads="0" * 64)]))[0] == BROKEN
