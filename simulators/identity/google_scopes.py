"""The scopes Google knows, as far as mail, files, contacts, calendars and tasks go.

Source: the discovery documents of Gmail, Drive, Drive Activity, People, Calendar, Tasks and OAuth2, and the
list at developers.google.com/identity/protocols/oauth2/scopes.
"""

from __future__ import annotations

PREFIX = "https://www.googleapis.com/auth/"
SIGN_IN = frozenset({"openid", "email", "profile", f"{PREFIX}userinfo.email", f"{PREFIX}userinfo.profile"})
"""The scopes that say who somebody is; they have no box on the consent page."""
_WHOLE = frozenset({"https://mail.google.com/", "https://www.google.com/m8/feeds"})
_BELOW = frozenset(
    """
calendar calendar.acls calendar.acls.readonly calendar.addons.current.event.read
calendar.addons.current.event.write calendar.addons.execute calendar.app.created calendar.calendarlist
calendar.calendarlist.readonly calendar.calendars calendar.calendars.readonly calendar.events
calendar.events.freebusy calendar.events.owned calendar.events.owned.readonly calendar.events.public.readonly
calendar.events.readonly calendar.freebusy calendar.readonly calendar.settings calendar.settings.readonly
carddav contacts contacts.other.readonly contacts.readonly directory.readonly drive drive.activity
drive.activity.readonly drive.appdata drive.apps.readonly drive.file drive.install drive.meet.readonly
drive.metadata drive.metadata.readonly drive.photos.readonly drive.readonly drive.scripts
gmail.addons.current.action.compose gmail.addons.current.message.action gmail.addons.current.message.metadata
gmail.addons.current.message.readonly gmail.compose gmail.insert gmail.labels gmail.metadata gmail.modify
gmail.readonly gmail.send gmail.settings.basic gmail.settings.sharing tasks tasks.readonly user.addresses.read
user.birthday.read user.emails.read user.gender.read user.organization.read user.phonenumbers.read
""".split()  # noqa: SIM905 - seventy lines of quotes and commas would hide the names
)


def known(scope: str) -> bool:
    """Say whether there is such a scope."""
    return scope in SIGN_IN or scope in _WHOLE or (scope.startswith(PREFIX) and scope[len(PREFIX) :] in _BELOW)


def reads_mail(scope: str) -> bool:
    """Say whether a scope is one of Gmail's."""
    return scope == "https://mail.google.com/" or scope.startswith(f"{PREFIX}gmail.")
