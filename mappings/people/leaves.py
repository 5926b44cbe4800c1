"""Every leaf of Google's Person, and where it lives on a card: the table the code is compiled from.

One row per leaf path of the Person schema (discovery document people.v1, revision 20251117).
A home is written ``[codec ]PROPERTY[/component|;PARAMETER][|OTHER:type]``:

``N/0``                    the first component of a structured value
``EMAIL;TYPE``             TYPE words, or an X-ABLabel in the same group, by ``vocabulary``
``ADR;CC``                 a parameter of the property
``date BDAY``              written and read by a codec of ``slots``
``X-ABDATE|ANNIVERSARY:anniversary``  the second property where the element's type says so
``JSPROP``                 one carrier line, tied to its element by group or index

Sources: RFC 2426, 2739 (CALURI, FBURL), 4770 (IMPP), 6350, 6715 (EXPERTISE, INTEREST), 8605 (CC),
9554 (DERIVED, PRONOUNS, SERVICE-TYPE), 9555 (JSPROP); Apple's ``item1.X-AB...`` as its address book writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

CARRIER = "JSPROP"


class Kind(StrEnum):
    """What is done with a leaf."""

    MAPPED = "mapped"
    DERIVED = "derived"
    """Google computes it from mapped leaves; it is neither written to the card nor looked for on the way back."""
    LEFT = "not carried"
    """It belongs to the account or the API, not to the person; a copy elsewhere must not have it."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf: its *path*, its home on a card of version 3.0 and 4.0, or the *reason* why it has none.

    *follows* names a leaf of the same element this one repeats: an edit of that one outdates it.
    """

    path: str
    three: str = ""
    four: str = ""
    kind: Kind = Kind.MAPPED
    reason: str = ""
    follows: str = ""

    @property
    def field(self) -> str:
        """The top-level field of Person."""
        return self.path.partition("[")[0].partition(".")[0]

    @property
    def key(self) -> str:
        """The member of an element that holds the leaf (``date`` for ``birthdays[].date.year``)."""
        return self.path.partition("[].")[2].partition(".")[0]

    def home(self, version: str) -> str:
        """Return the home on a card of *version*."""
        return self.four if version == "4.0" else self.three


def _same(home: str, *paths: str) -> Iterator[Leaf]:
    return (Leaf(path, home, home) for path in paths)


def _date(field: str, three: str, four: str) -> Iterator[Leaf]:
    return (Leaf(f"{field}[].date.{part}", three, four) for part in ("year", "month", "day"))


def _carried(field: str, *keys: str) -> Iterator[Leaf]:
    return _same(CARRIER, *(f"{field}[].{key}" for key in keys))


def _derived(reason: str, *paths: str) -> Iterator[Leaf]:
    return (Leaf(path, kind=Kind.DERIVED, reason=reason) for path in paths)


def _left(reason: str, *paths: str) -> Iterator[Leaf]:
    return (Leaf(path, kind=Kind.LEFT, reason=reason) for path in paths)


LEAVES: tuple[Leaf, ...] = (
    *_same("FN", "names[].unstructuredName"),
    *_same("N/0", "names[].familyName"),
    *_same("N/1", "names[].givenName"),
    *_same("N/2", "names[].middleName"),
    *_same("N/3", "names[].honorificPrefix"),
    *_same("N/4", "names[].honorificSuffix"),
    *_same("X-PHONETIC-FIRST-NAME", "names[].phoneticGivenName"),
    *_same("X-PHONETIC-MIDDLE-NAME", "names[].phoneticMiddleName"),
    *_same("X-PHONETIC-LAST-NAME", "names[].phoneticFamilyName"),
    *_carried("names", "phoneticFullName", "phoneticHonorificPrefix", "phoneticHonorificSuffix"),
    *_same("NICKNAME|X-MAIDENNAME:MAIDEN_NAME", "nicknames[].value"),
    *_same("kind NICKNAME|X-MAIDENNAME:MAIDEN_NAME", "nicknames[].type"),
    *_same("X-FILE-AS", "fileAses[].value"),
    *_same("EMAIL", "emailAddresses[].value"),
    *_same("EMAIL;TYPE", "emailAddresses[].type"),
    *_carried("emailAddresses", "displayName"),
    *_same("TEL", "phoneNumbers[].value"),
    *_same("TEL;TYPE", "phoneNumbers[].type"),
    *_same("ADR/0", "addresses[].poBox"),
    *_same("ADR/1", "addresses[].extendedAddress"),
    *_same("ADR/2", "addresses[].streetAddress"),
    *_same("ADR/3", "addresses[].city"),
    *_same("ADR/4", "addresses[].region"),
    *_same("ADR/5", "addresses[].postalCode"),
    *_same("ADR/6", "addresses[].country"),
    Leaf("addresses[].countryCode", "country X-ABADR", "ADR;CC"),
    Leaf("addresses[].formattedValue", "label LABEL", "label ADR;LABEL"),
    *_same("ADR;TYPE", "addresses[].type"),
    *_same("ORG/0", "organizations[].name"),
    *_same("rest ORG/1", "organizations[].department"),
    *_same("TITLE", "organizations[].title"),
    *_same("ROLE", "organizations[].jobDescription"),
    *_same("ORG;TYPE", "organizations[].type"),
    *_same("X-PHONETIC-ORG", "organizations[].phoneticName"),
    *_carried("organizations", "symbol", "domain", "location", "costCenter", "fullTimeEquivalentMillipercent"),
    *_carried("organizations", "current", "startDate.year", "startDate.month", "startDate.day"),
    *_carried("organizations", "endDate.year", "endDate.month", "endDate.day"),
    *_date("birthdays", "date BDAY", "date BDAY"),
    Leaf("birthdays[].text", CARRIER, "datetext BDAY", follows="date"),
    *_date("events", "date X-ABDATE", "date X-ABDATE|ANNIVERSARY:anniversary"),
    Leaf("events[].type", "X-ABDATE;TYPE", "X-ABDATE;TYPE|ANNIVERSARY:anniversary"),
    Leaf("relations[].person", "X-ABRELATEDNAMES", "named RELATED"),
    Leaf("relations[].type", "X-ABRELATEDNAMES;TYPE", "RELATED;TYPE"),
    *_same("im IMPP", "imClients[].username"),
    *_same("service IMPP", "imClients[].protocol"),
    *_same("IMPP;TYPE", "imClients[].type"),
    *_same("sip IMPP", "sipAddresses[].value"),
    *_same("IMPP;TYPE", "sipAddresses[].type"),
    *_same("link URL", "urls[].value"),
    *_same("URL;TYPE", "urls[].type"),
    *_same("link CALURI|FBURL:freeBusy", "calendarUrls[].url"),
    *_same("CALURI;TYPE|FBURL:freeBusy", "calendarUrls[].type"),
    *_same("note NOTE", "biographies[].value"),
    *_same("markup NOTE", "biographies[].contentType"),
    Leaf("genders[].value", "X-GENDER", "sex GENDER"),
    *_same("PRONOUNS", "genders[].addressMeAs"),
    *_same("INTEREST", "interests[].value"),
    *_same("EXPERTISE", "skills[].value"),
    *_same("LANG", "locales[].value"),
    *_carried("occupations", "value"),
    *_carried("userDefined", "key", "value"),
    *_carried("externalIds", "value", "type"),
    *_carried("clientData", "key", "value"),
    *_carried("miscKeywords", "value", "type"),
    *_carried("locations", "value", "type", "current", "buildingId", "floor", "floorSection", "deskCode"),
    *_same("CATEGORIES", "memberships[].contactGroupMembership.contactGroupResourceName"),
    *_carried("memberships", "domainMembership.inViewerDomain"),
    *_same("PHOTO", "photos[].url"),
    *_carried("coverPhotos", "url", "default"),
    *_carried("residences", "value", "current"),
    *_carried("braggingRights", "value"),
    *_carried("taglines", "value"),
    *_carried("ageRanges", "ageRange"),
    *_carried("relationshipInterests", "value"),
    *_carried("relationshipStatuses", "value"),
    *_same(CARRIER, "ageRange", "resourceName"),
    *_same("REV", "metadata.sources[].updateTime"),
    *_same(CARRIER, "*[].metadata.source.type"),
    *_derived("CONTACT, or OTHER_CONTACT of the document's otherContacts", "metadata.sources[].type"),
    *_derived("the name as Google writes it", "names[].displayName", "names[].displayNameLastFirst"),
    *_derived("the type in the reader's language", "*[].formattedType", "imClients[].formattedProtocol"),
    *_derived(
        "the value in the reader's language",
        *(f"{field}[].formattedValue" for field in ("genders", "relationshipInterests", "relationshipStatuses")),
    ),
    *_derived("the number as Google normalises it", "phoneNumbers[].canonicalForm"),
    *_derived("the end of the resource name", "memberships[].contactGroupMembership.contactGroupId"),
    *_derived("the order says so", "*[].metadata.primary", "*[].metadata.sourcePrimary"),
    *_left("a picture Google draws for who has none", "photos[].default"),
    *_left("says what Google checked, not what the person is", "*[].metadata.verified"),
    *_left("the version of an answer", "etag", "metadata.sources[].etag", "*[].metadata.source.etag"),
    *_left("names a record within the account", "metadata.sources[].id", "*[].metadata.source.id"),
    *_left("a time of the person's source", "*[].metadata.source.updateTime"),
    *_left(
        "about the profile that an answer was joined from",
        *(
            f"{source}.profileMetadata.{leaf}"
            for source in ("metadata.sources[]", "*[].metadata.source")
            for leaf in ("objectType", "userTypes[]")
        ),
    ),
    *_left(
        "the account's bookkeeping",
        *("metadata.previousResourceNames[]", "metadata.linkedPeopleResourceNames[]"),
        *("metadata.deleted", "metadata.objectType"),
    ),
)

SINGLE = frozenset({"names", "birthdays", "biographies", "genders"})
"""Fields a card has once, and Google too for the user's own contacts (updateContact: "a singleton")."""

STANDARD_3 = frozenset(
    {
        *("FN", "N", "NICKNAME", "BDAY", "ADR", "LABEL", "TEL", "EMAIL", "TITLE", "ROLE", "ORG", "CATEGORIES"),
        *("NOTE", "PHOTO", "REV", "URL", "UID", "IMPP", "CALURI", "FBURL"),
    },
)
"""RFC 2426, RFC 2739, RFC 4770."""

STANDARD_4 = STANDARD_3 - {"LABEL"} | {
    *("ANNIVERSARY", "GENDER", "LANG", "RELATED", "INTEREST", "EXPERTISE", "PRONOUNS"),
}
"""RFC 6350, RFC 6715, RFC 9554."""


def is_standard(name: str, version: str) -> bool:
    """Say whether the property *name* belongs to vCard *version*."""
    return name in (STANDARD_4 if version == "4.0" else STANDARD_3)


def derived_keys(field: str) -> frozenset[str]:
    """Return the members of *field*'s elements that Google computes itself."""
    rows = (row for row in LEAVES if row.kind is not Kind.MAPPED and row.field in {field, "*"})
    return frozenset(row.key for row in rows if row.path.count(".") == 1 and row.path.endswith(f"[].{row.key}"))
