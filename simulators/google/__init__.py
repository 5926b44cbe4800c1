"""Google's People, Calendar and Gmail APIs on loopback, grounded on their discovery documents.

::

    from simulators.google import google
    from simulators.identity.google import Google

    with Google() as identity, google(people=5000, events=5000, seed=1, identity=identity) as server:
        server.url                                   # + "v1/people/me/connections", + "calendar/v3/..."
        server.identity                              # whose live tokens are let in, with their scopes
        server.calls["people.people.connections.list"], server.answers, server.bytes
        server.account.delete_person(name); server.account.rename_group(name, "New"); ...edit_event(...)
        server.faults.refuse("calendar.events.list", 403, "rateLimitExceeded", call=3, times=2)
        server.faults.break_("photos", "reset")      # cut, html, lost
        server.quotas.calendar = 600; server.settings.delay = 120
    server.account.mail                          # messages=...: see simulators.google.gmail
        server.advance(8 * 86400); server.expire_sync_tokens()

The account of ``ana@example.org`` (the user the identity provider signs in by default) is ``server.account``;
others are made by ``server.add_account``. Items are computed when they are asked for; nothing holds a list.

Only reading is stood in for. Unlike Google, answers are not indented, and what Google documents as undefined
(parameters that change between a sync token and its use) is refused.
By hand: ``python -m simulators.google``.
"""

from simulators.google.serving import Service, google

__all__ = ["Service", "google"]
