"""A consent that is killed anywhere leaves nothing that nobody ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from oauth.client import exchange_code, revoke
from oauth.errors import GrantDead
from oauth.secret import Secret
from oauth.tokens import asking_of
from simulators.identity.generic import Generic, generic
from simulators.identity.google import google
from tests.oauth.consenting import World, beside, google_wish

ROOT = Path(__file__).parents[2]


def _run(folder: Path, provider: Generic) -> list[list[str]]:
    command = [sys.executable, "-m", "tests.oauth.consent_crashes", str(folder), provider.issuer, provider.client.id]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_killed_at_every_line_a_consent_leaves_no_live_grant(tmp_path: Path) -> None:
    """The generic provider ends what was issued from a code that is shown twice (RFC 6749 4.1.2)."""
    with generic() as provider:
        found = _run(tmp_path, provider)
        assert len(found) > 40, "there were crash points"
        assert len(provider.grants) > 10, "consents were given"
        assert [grant.user for grant in provider.live_grants()] == []
    flat = {state for states in found for state in states}
    assert flat <= {"closed", "erased", "escalated"}
    assert found[-1] == ["erased"], "the one that was not killed lived, and was ended"
    assert ["closed"] in found
    # Where the answer of the token endpoint died with the process, a person is told.
    assert sum("escalated" in states for states in found) <= 12


def test_at_google_the_next_consent_ends_what_a_crash_left(world: World) -> None:
    """Revocation is for the whole project there: what nobody has a token of ends with what somebody has."""
    with google() as provider:
        provider.replay_revokes = False
        begun = world.consent.begin(google_wish(provider), "http://127.0.0.1:1/callback/google")
        code = Secret(parse_qs(urlsplit(provider.approve(begun.url)).query)["code"][0])
        fields = world.vault.secrets(begun.grant_id)
        world.consent.keep(world.store.get(begun.grant_id), {"code": code})
        # The process asked for the tokens and died before it kept them.
        exchange_code(
            google_wish(provider).profile,
            world.wire,
            google_wish(provider).client,
            code=code,
            verifier=fields["verifier"],
            redirect_uri="http://127.0.0.1:1/callback/google",
            requested=(),
        )
        with pytest.raises(GrantDead):
            world.consent.redeem(begun.grant_id)
        assert len(provider.live_grants()) == 1, "an orphan: it lives, and nobody has its tokens"
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        grant = world.consent.by_browser(google_wish(provider), show)
        made, client = asking_of(world.vault.secrets(grant.id))
        assert revoke(made, world.wire, world.kept(grant), client).ended
        assert provider.live_grants() == []
