"""The repeated fields of a Person, each made by one function: every one of the schema's writable leaves.

A function returns the entries of its field without their metadata; *whole* asks for every leaf.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Protocol

from simulators.google.dice import Dice
from simulators.google.words import COMPANIES, FAMILY, GIVEN, LABELS, LONG, PLACES, TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.google.discovery import Json


class Made(Protocol):
    """What makes the entries of one field."""

    def __call__(self, dice: Dice, *, whole: bool) -> list[Json]:
        """Return the entries."""


PHONES = ("home", "work", "mobile", "homeFax", "workFax", "otherFax", "pager", "workMobile", "workPager", "main")
RELATIONS = ("spouse", "child", "mother", "brother", "domesticPartner", "manager", "assistant", "referredBy", "partner")
PROTOCOLS = ("aim", "msn", "yahoo", "skype", "qq", "googleTalk", "icq", "jabber", "netMeeting", "matrix")
KEYWORDS = ("OUTLOOK_BILLING_INFORMATION", "OUTLOOK_KEYWORD", "OUTLOOK_MILEAGE", "HOME", "WORK", "OTHER")


def kind(dice: Dice, known: tuple[str, ...]) -> Json:
    """Return a type: one of the predefined ones, one of the user's own, or none at all."""
    drawn = dice.below(10)
    if drawn == 0:
        return {}
    said = dice.pick(LABELS) if drawn < 3 else dice.pick(known)
    return {"type": said, "formattedType": said[:1].upper() + said[1:]}


def date(dice: Dice, *, whole: bool = False) -> Json:
    """Return a date: full, without a year, a year alone, or year and month."""
    year, month, day = 1900 + dice.below(130), 1 + dice.below(12), 1 + dice.below(28)
    form = 0 if whole else dice.below(8)
    if form == 1:
        return {"month": 2, "day": 29}
    if form == 2:
        return {"month": month, "day": day}
    if form == 3:
        return {"year": year}
    return {"year": year, "month": month} if form == 4 else {"year": year, "month": month, "day": day}


def names(dice: Dice, *, whole: bool) -> list[Json]:
    """Return the name of a contact, "a singleton for contact sources"."""
    given, family = dice.pick(GIVEN), dice.pick(FAMILY)
    said = {"givenName": given, "familyName": family}
    if whole or dice.chance(15):
        said |= {"middleName": dice.pick(GIVEN), "honorificPrefix": "Dr., med.", "honorificSuffix": "Jr.; III"}
        said |= {"phoneticGivenName": "ハナコ", "phoneticMiddleName": "m", "phoneticFamilyName": "ヤマダ"}
        said |= {"phoneticFullName": "ヤマダ ハナコ", "phoneticHonorificPrefix": "doktor"}
        said |= {"phoneticHonorificSuffix": "junior"}
    said |= {"displayName": f"{given} {family}", "displayNameLastFirst": f"{family}, {given}"}
    said["unstructuredName"] = dice.pick(GIVEN) if dice.chance(10) else f"{given} {family}"
    return [said]


def _nicknames(dice: Dice, *, whole: bool) -> list[Json]:
    kinds = ("DEFAULT", "MAIDEN_NAME", "ALTERNATE_NAME", "SHORT_NAME", "INITIALS")
    return [{"value": dice.pick(GIVEN), "type": dice.pick(kinds)} for _ in range(1 + whole)]


def _emails(dice: Dice, *, whole: bool) -> list[Json]:
    found = []
    for _ in range(1 + dice.below(3)):
        address = f"p{dice.below(10**9)}+tag@example.org"
        extra = {"displayName": f"{dice.pick(FAMILY)}, {dice.pick(GIVEN)}"} if whole or dice.chance(20) else {}
        found.append({"value": address, **kind(dice, ("home", "work", "other")), **extra})
    return found


def phones(dice: Dice, *, whole: bool) -> list[Json]:
    """Return phone numbers, written as people write them."""
    found = []
    for _ in range(1 + dice.below(3) + whole):
        number = 10**6 + dice.below(9 * 10**6)
        text = dice.pick((f"+41 44 {number}", f"(0{number})", f"tel;ext=12,{number}", "*100#"))
        found.append({"value": text, "canonicalForm": f"+4144{number}", **kind(dice, PHONES)})
    return found


def _addresses(dice: Dice, *, whole: bool) -> list[Json]:
    if not whole and dice.chance(20):
        return [{"formattedValue": dice.pick(PLACES) + "\n9999 Nowhere", **kind(dice, ("home", "work", "other"))}]
    said = {"streetAddress": dice.pick(PLACES), "city": "Genève", "postalCode": f"{dice.below(10**5):05}"}
    said |= {"country": "Schweiz/Suisse", "countryCode": "CH"}
    if whole or dice.chance(30):
        said |= {"extendedAddress": "c/o Müller; 2. Stock", "poBox": "Postfach 12, 3", "region": "GE, Romandie"}
    said["formattedValue"] = f"{said['streetAddress']}\n{said['postalCode']} {said['city']}\n{said['country']}"
    return [{**said, **kind(dice, ("home", "work", "other")), **({"type": "work"} if whole else {})}]


def _organizations(dice: Dice, *, whole: bool) -> list[Json]:
    first: Json = {"name": dice.pick(COMPANIES), "title": dice.pick(TEXTS)[:40], "current": True}
    if not whole and dice.chance(70):
        return [first]
    first |= {"department": "R&D; Basel, CH", "jobDescription": dice.pick(TEXTS), "location": dice.pick(PLACES)}
    first |= {"symbol": "EXM.SW", "domain": "example.org", "costCenter": "CC-1,2", "phoneticName": "ɛɡˈzɑːmpl"}
    first |= {"startDate": date(dice, whole=whole), "endDate": date(dice, whole=whole), "type": "work"}
    first["fullTimeEquivalentMillipercent"] = 80_000
    return [first, {"name": dice.pick(COMPANIES), "current": False, "type": "school", "endDate": date(dice)}]


def _birthdays(dice: Dice, *, whole: bool) -> list[Json]:
    if not whole and dice.chance(10):
        return [{"text": "around Easter; perhaps"}]
    return [{"date": date(dice, whole=whole), **({"text": "4/15/1980"} if whole or dice.chance(30) else {})}]


def _biographies(dice: Dice, *, whole: bool) -> list[Json]:
    if dice.chance(10):
        return [{"value": "<p>Hello, <b>world</b> &amp; all</p>", "contentType": "TEXT_HTML"}]
    return [{"value": LONG if whole and dice.chance(50) else dice.pick(TEXTS), "contentType": "TEXT_PLAIN"}]


def _events(dice: Dice, *, whole: bool) -> list[Json]:
    return [{"date": date(dice, whole=whole), **kind(dice, ("anniversary", "other"))} for _ in range(1 + whole)]


def _instant(dice: Dice, *, whole: bool) -> list[Json]:
    found = []
    for _ in range(1 + whole):
        protocol = dice.pick(PROTOCOLS)
        said = {"username": f"@user{dice.below(99)}:example.org", "protocol": protocol, "formattedProtocol": protocol}
        found.append({**said, **kind(dice, ("home", "work", "other"))})
    return found


def _locations(dice: Dice, *, whole: bool) -> list[Json]:
    said: Json = {"value": dice.pick(PLACES), "type": "desk", "current": True}
    if whole:
        said |= {"buildingId": "B,1", "floor": "3", "floorSection": "east", "deskCode": "3E-17"}
    return [said]


def _pairs(dice: Dice, *, whole: bool) -> list[Json]:
    """Return keys and values, the same key twice."""
    return [{"key": dice.pick(LABELS), "value": dice.pick(TEXTS)}, *[{"key": "twice", "value": "1"}] * (2 * whole)]


def _valued(choices: tuple[str, ...], *kinds: str, name: str = "value") -> Made:
    def made(dice: Dice, *, whole: bool) -> list[Json]:
        return [{name: dice.pick(choices), **(kind(dice, kinds) if kinds else {})} for _ in range(1 + whole)]

    return made


def _genders(dice: Dice, *, whole: bool) -> list[Json]:
    value = dice.pick(("male", "female", "unspecified", "agender, fluid"))
    return [{"value": value, "formattedValue": value, **({"addressMeAs": "they/them"} if whole else {})}]


def _keywords(dice: Dice, *, whole: bool) -> list[Json]:
    return [{"value": dice.pick(TEXTS), "type": dice.pick(KEYWORDS)} for _ in range(1 + whole)]


URLS = ("https://example.org/?a=1,2;b=3", "http://xn--bcher-kva.example/", "example.org", "mailto:a,b@example.org")
FIELDS: Mapping[str, tuple[int, Made]] = {
    "names": (94, names),
    "emailAddresses": (80, _emails),
    "phoneNumbers": (70, phones),
    "addresses": (40, _addresses),
    "organizations": (45, _organizations),
    "birthdays": (35, _birthdays),
    "biographies": (30, _biographies),
    "nicknames": (12, _nicknames),
    "events": (12, _events),
    "relations": (10, _valued((*GIVEN, *FAMILY), *RELATIONS, name="person")),
    "urls": (15, _valued(URLS, "home", "work", "blog", "profile", "homePage", "ftp", "reservations", "other")),
    "imClients": (10, _instant),
    "sipAddresses": (5, _valued(("sip:a@example.org", "sips:b;transport=tls@example.org"), "home", "mobile")),
    "userDefined": (10, _pairs),
    "genders": (5, _genders),
    "occupations": (6, _valued(TEXTS)),
    "interests": (5, _valued(TEXTS)),
    "skills": (4, _valued(TEXTS)),
    "locales": (5, _valued(("de-CH", "pt-BR", "zh-Hant-TW", "sr-Latn"))),
    "locations": (4, _locations),
    "calendarUrls": (4, _valued(URLS[:2], "home", "freeBusy", "work", name="url")),
    "externalIds": (5, _valued(("4711", "a,b;c"), "account", "customer", "loginId", "network", "organization")),
    "clientData": (5, _pairs),
    "miscKeywords": (4, _keywords),
    "fileAses": (5, _valued((*GIVEN, *FAMILY))),
}
"""Field -> how many of a hundred people have it, and what makes its entries."""
COMBINATIONS = 1024


@functools.cache
def combinations() -> tuple[tuple[tuple[str, Made], ...], ...]:
    """Return which fields people have, drawn once: one of these for each person."""
    dice = Dice("combinations")
    return tuple(
        tuple((name, made) for name, (percent, made) in FIELDS.items() if dice.chance(percent))
        for _ in range(COMBINATIONS)
    )


EVERYTHING = tuple((name, made) for name, (_, made) in FIELDS.items())
