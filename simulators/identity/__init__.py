"""Identity providers on loopback that keep *grants*, of which tokens are only the visible end.

One module per provider, each with a context manager of its name::

    from simulators.identity.google import google

    with google() as provider:                       # dropbox(), infomaniak(), nextcloud(), generic()
        provider.client                              # id, secret, project; more by provider.register(Client(...))
        provider.authorize_url, provider.token_url, provider.revoke_url, provider.resource_url
        back = provider.approve(url, user="ana@example.org", scopes=[...])  # the redirect URL, not opened
        provider.approve(url, follow=True)           # opened as well, as a browser would
        provider.deny(url)
        provider.live_grants(user="ana@example.org") # grants with which somebody could still read
        provider.grants, provider.tokens, provider.calls, provider.count("revoke")
        provider.faults.switch("revoke", 503, chance=0.2, seed=7)
        provider.clock.advance(3600); provider.access_lifetime = 60
        provider.remove_access("ana@example.org")    # the user ends it by hand

`approve` and `deny` stand alone in `simulators.identity.browser`, for another process than the
provider's. By hand, with a real browser: ``python -m simulators.identity google``.
"""
