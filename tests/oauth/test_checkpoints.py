"""The key of the audit log, and what it signs."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import resource
import signal
import stat
import traceback
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from oauth.audit import canonical
from oauth.checkpoints import CHECKPOINT, EXPORT, HEADING, Checkpoint, Signer, key_id, open_signer
from oauth.errors import BadSigningKey, NotKept, OAuthError, UnsafeFile

END = Checkpoint("5" * 32, "job:7f3a", 12, "a" * 64, 1_795_000_000_000_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "audit-key"


def verified(signer: Signer, purpose: str, text: str, signature: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(signer.public).verify(bytes.fromhex(signature), (purpose + text).encode())
    except InvalidSignature:
        return False
    return True


def test_a_key_is_made_once(path: Path) -> None:
    first = open_signer(path)
    content = path.read_bytes()
    assert open_signer(path).public == first.public
    assert path.read_bytes() == content


def test_two_places_have_two_keys(tmp_path: Path) -> None:
    one, two = open_signer(tmp_path / "a" / "key"), open_signer(tmp_path / "b" / "key")
    assert one.public != two.public
    assert one.key_id != two.key_id


def test_only_its_owner_can_read_the_key(path: Path) -> None:
    open_signer(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_key_open_to_others_is_not_used(path: Path) -> None:
    open_signer(path)
    path.chmod(0o644)
    with pytest.raises(UnsafeFile):
        open_signer(path)


def test_a_folder_open_to_others_is_not_used(path: Path) -> None:
    open_signer(path)
    path.parent.chmod(0o755)
    with pytest.raises(UnsafeFile):
        open_signer(path)


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    open_signer(tmp_path / "other" / "key")
    path.parent.mkdir(mode=0o700)
    path.symlink_to(tmp_path / "other" / "key")
    with pytest.raises(UnsafeFile):
        open_signer(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe\x00", id="no-text"),
        pytest.param(HEADING.encode(), id="no-digits"),
        pytest.param(HEADING.encode() + b"zz" * 32, id="no-hex"),
        pytest.param(HEADING.encode() + b"ab" * 31, id="too-short"),
        pytest.param(HEADING.encode() + b"ab" * 33, id="too-long"),
        pytest.param(b"ab" * 32, id="no-heading"),
        pytest.param(b"wherry audit signing key v2 " + b"ab" * 32, id="a-later-version"),
        pytest.param(b"wherry vault key v1 " + b"ab" * 32, id="another-key"),
        pytest.param(b"x" * (5 * 1024 * 1024), id="huge"),
    ],
)
def test_a_damaged_key_is_refused_and_left_alone(content: bytes, path: Path) -> None:
    """No new key in its place: the old signatures would be nobody's."""
    path.parent.mkdir(mode=0o700)
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadSigningKey) as refusal:
        open_signer(path)
    assert refusal.value.path == path
    assert path.read_bytes() == content


def test_a_refusal_does_not_show_the_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_text(f"{HEADING}{'5ecret' * 10}zz\n")
    path.chmod(0o600)
    with pytest.raises(BadSigningKey) as refusal:
        open_signer(path)
    assert "5ecret" not in "".join(traceback.format_exception(refusal.value))


def test_a_key_that_cannot_be_written(tmp_path: Path) -> None:
    """A limit on the size of files stops root as well, which a folder's mode does not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(NotKept):
            open_signer(tmp_path / "secrets" / "key")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert not (tmp_path / "secrets" / "key").exists()


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("")
    with pytest.raises(OAuthError):
        open_signer(tmp_path / "secrets" / "key")


def _open(path: str, answers: multiprocessing.Queue[str]) -> None:
    answers.put(open_signer(Path(path)).public.hex())


def test_processes_that_come_first_together_agree(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[str] = context.Queue()
    children = [context.Process(target=_open, args=(str(path), answers)) for _ in range(4)]
    for child in children:
        child.start()
    found = {answers.get(timeout=60) for _ in children}
    for child in children:
        child.join()
    assert found == {open_signer(path).public.hex()}


def test_a_checkpoint_says_what_it_is_for(path: Path) -> None:
    signer = open_signer(path)
    text, signature = signer.checkpoint(END)
    said = json.loads(text)
    assert canonical(said) == text
    assert said == {
        "v": 1,
        "store": END.store,
        "chain": END.chain,
        "seq": END.seq,
        "count": END.seq,
        "hash": END.hash,
        "ts": END.ts,
        "key_id": signer.key_id,
    }
    assert verified(signer, CHECKPOINT, text, signature)
    assert not verified(signer, EXPORT, text, signature), "a checkpoint passes for nothing else"
    assert not verified(signer, "", text, signature)


@pytest.mark.parametrize(
    "change",
    [{"store": "6" * 32}, {"chain": "job:7f3b"}, {"seq": 13}, {"hash": "b" * 64}, {"ts": 1}],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_a_checkpoint_is_signed(change: dict[str, object], path: Path) -> None:
    signer = open_signer(path)
    _, signature = signer.checkpoint(END)
    other, _ = signer.checkpoint(replace(END, **change))  # type: ignore[arg-type]  # one field of a table of cases
    assert not verified(signer, CHECKPOINT, other, signature)


def test_an_export_s_end_is_signed_as_such(path: Path) -> None:
    signer = open_signer(path)
    text, signature = signer.export(store="5" * 32, scope="all", records=3, checkpoints=1, heads="c" * 64)
    assert verified(signer, EXPORT, text, signature)
    assert not verified(signer, CHECKPOINT, text, signature)
    assert json.loads(text)["records"] == 3


def test_another_key_signs_otherwise(path: Path, tmp_path: Path) -> None:
    signer, other = open_signer(path), open_signer(tmp_path / "other" / "key")
    text, signature = signer.checkpoint(END)
    assert not verified(other, CHECKPOINT, text, signature)


def test_the_name_of_a_key_follows_from_it(path: Path) -> None:
    signer = open_signer(path)
    assert signer.key_id == key_id(signer.public) == hashlib.sha256(signer.public).hexdigest()[:16]


def test_nothing_public_holds_the_secret(path: Path) -> None:
    signer = open_signer(path)
    secret = path.read_text().split()[-1]
    assert secret not in repr(vars(signer)) + signer.public.hex() + "".join(signer.checkpoint(END))
