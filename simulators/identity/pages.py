"""The pages a person sees at a provider: plain HTML forms, usable by keyboard, without any script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from simulators.identity.serving import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #1d1d1f; background: #f4f4f2; margin: 0; }
main { max-width: 32rem; margin: 3rem auto; padding: 2rem; background: #fff; border: 1px solid #c9c9c4;
       border-radius: .5rem; }
h1 { font-size: 1.3rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
fieldset { border: 1px solid #c9c9c4; border-radius: .3rem; margin: 1rem 0; padding: .5rem 1rem; }
.box { display: flex; gap: .6rem; padding: .3rem 0; overflow-wrap: anywhere; }
.box input { width: 1.2rem; height: 1.2rem; flex: none; margin-top: .15rem; }
input[type=email] { font: inherit; width: 100%; box-sizing: border-box; margin-top: .5rem; padding: .5rem;
                    border: 1px solid #6b6b6b; }
button { font: inherit; padding: .5rem 1.4rem; border-radius: .3rem; border: 1px solid #1a56a8; cursor: pointer; }
button.yes { background: #1a56a8; color: #fff; } button.no { background: #fff; color: #1a56a8; }
:focus-visible { outline: 3px solid #d97706; outline-offset: 2px; }
.buttons { display: flex; gap: 1rem; margin-top: 1.5rem; } .note { color: #55554f; font-size: .9rem; }
"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


def page(title: str, body: str, status: int = 200) -> Reply:
    """Return a whole page; *body* is HTML."""
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{_STYLE}</style></head>
<body><main><h1>{escape(title)}</h1>
{body}
<p class="note">A stand-in on this machine for tests. No real account is involved.</p></main></body></html>
"""
    return Reply(status, text.encode(), _HEADERS)


def sign_in(name: str, action: str, ticket: str, hint: str = "") -> Reply:
    """Ask who the person is. No password: anybody may be anybody here."""
    return page(
        f"Sign in to {name}",
        f"""<form method="post" action="{escape(action)}"><input type="hidden" name="ticket" value="{escape(ticket)}">
<label for="user">Account</label>
<input id="user" name="user" type="email" autocomplete="username" required autofocus value="{escape(hint)}">
<div class="buttons"><button id="next" class="yes" name="decision" value="next">Next</button></div></form>""",
    )


def consent(
    name: str, action: str, ticket: str, *, user: str, client: str, boxes: Sequence[str], fixed: Sequence[str]
) -> Reply:
    """Ask what is allowed: *boxes* can be ticked one by one, *fixed* come with a yes."""
    listed = "".join(f"<li>{escape(scope)}</li>" for scope in fixed)
    ticks = "".join(
        f'<div class="box"><input type="checkbox" id="scope-{number}" name="scope" value="{escape(scope)}">'
        f'<label for="scope-{number}">{escape(scope)}</label></div>'
        for number, scope in enumerate(boxes)
    )
    chosen = f"<fieldset><legend>Choose what it may do</legend>{ticks}</fieldset>" if boxes else ""
    always = f"<p>It will be able to use:</p><ul>{listed}</ul>" if listed else ""
    return page(
        f"{client} wants access to your {name} account",
        f"""<p>Signed in as <strong>{escape(user)}</strong></p>
<form method="post" action="{escape(action)}"><input type="hidden" name="ticket" value="{escape(ticket)}">
{always}{chosen}
<div class="buttons"><button id="deny" class="no" name="decision" value="deny">Cancel</button>
<button id="allow" class="yes" name="decision" value="allow">Allow</button></div></form>""",
    )


def refusal(words: str, *, status: int = 400, details: Mapping[str, str] | None = None) -> Reply:
    """Say on a page of the provider's own why nothing goes on: the redirect address cannot be trusted."""
    said = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in (details or {}).items())
    return page("Access blocked", f'<p role="alert">{escape(words)}</p><dl>{said}</dl>', status)
