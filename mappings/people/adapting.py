"""Names others use for what the table has a property for, as Android, Evolution, KDE and older Apple books write it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from mappings.people.properties import LABEL, Property
from mappings.people.vocabulary import SERVICES, VOCABULARIES

_MESSENGERS: Mapping[str, str] = {
    "X-AIM": "aim",
    "X-MSN": "msn",
    "X-YAHOO": "yahoo",
    "X-SKYPE": "skype",
    "X-SKYPE-USERNAME": "skype",
    "X-QQ": "qq",
    "X-GOOGLE-TALK": "googleTalk",
    "X-GTALK": "googleTalk",
    "X-ICQ": "icq",
    "X-JABBER": "jabber",
    "X-NETMEETING": "netMeeting",
    "X-GADUGADU": "Gadu-Gadu",
    "X-GROUPWISE": "GroupWise",
    "X-MATRIX": "matrix",
}
_RELATIONS: Mapping[str, str] = {
    "X-SPOUSE": "spouse",
    "X-EVOLUTION-SPOUSE": "spouse",
    "X-KADDRESSBOOK-X-SPOUSESNAME": "spouse",
    "X-MANAGER": "manager",
    "X-EVOLUTION-MANAGER": "manager",
    "X-KADDRESSBOOK-X-MANAGERSNAME": "manager",
    "X-ASSISTANT": "assistant",
    "X-EVOLUTION-ASSISTANT": "assistant",
    "X-KADDRESSBOOK-X-ASSISTANTSNAME": "assistant",
}
_ANNIVERSARIES = frozenset(
    {"ANNIVERSARY", "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-KADDRESSBOOK-X-ANNIVERSARY"},
)
_SIP = ("sip:", "sips:")


def adapt(one: Property, version: str) -> tuple[str, Property, *tuple[Property, ...]]:
    """Return the field where only the value tells it, the property as the table names it, and satellites it makes."""
    name = one.name
    if name in _MESSENGERS:
        protocol = _MESSENGERS[name]
        param = "SERVICE-TYPE" if version == "4.0" else "X-SERVICE-TYPE"
        service = SERVICES.get(protocol, protocol)
        return "imClients", Property("IMPP", f"x-apple:{quote(one.text)}", types=one.types, params={param: service})
    if name == "IMPP":
        return ("sipAddresses" if one.text.lower().startswith(_SIP) else "imClients"), one
    if name == "X-SIP":
        text = one.text if one.text.lower().startswith(_SIP) else f"sip:{one.text}"
        return "sipAddresses", Property("IMPP", text, types=one.types)
    if name in _ANNIVERSARIES:
        return _dated(one, version)
    if name in _RELATIONS or name in {"RELATED", "X-ABRELATEDNAMES"}:
        return _related(one, version)
    if name in {"GENDER", "X-GENDER"}:
        return "", _sex(one, version)
    if name == "TEL" and one.text[:4].lower() == "tel:":
        one.text = one.text[4:]
    if name == "ADR" and version != "4.0" and "LABEL" in one.params:
        return "", one, Property("LABEL", one.params["LABEL"])
    return "", one


def _dated(one: Property, version: str) -> tuple[str, Property, *tuple[Property, ...]]:
    if one.name == "ANNIVERSARY" and version == "4.0":
        return "", one
    label = Property(LABEL, VOCABULARIES["events"].labels["anniversary"])
    return "events", Property("X-ABDATE", one.text, params=one.params), label


def _related(one: Property, version: str) -> tuple[str, Property, *tuple[Property, ...]]:
    """Return a related person under the name *version* has; a TYPE says in 3.0 what a label says there else."""
    kind = _RELATIONS.get(one.name) or next((word.lower() for word in one.types if word != "PREF"), "")
    name = "RELATED" if version == "4.0" else "X-ABRELATEDNAMES"
    if one.name == name:
        return "", one
    found = Property(name, one.text, types=one.types, params=one.params)
    if not kind:
        return "", found
    return "", found, Property(LABEL, VOCABULARIES["relations"].labels.get(kind, kind))


def _sex(one: Property, version: str) -> Property:
    """Return GENDER as X-GENDER in words, or the other way round."""
    words = {"M": "male", "F": "female", "U": "unspecified", "N": "unspecified", "O": "other"}
    letters = {"male": "M", "female": "F"}
    if one.name == "GENDER" and version != "4.0":
        letter, _, said = one.text.partition(";")
        return Property("X-GENDER", said or words.get(letter.strip().upper(), letter))
    if one.name == "X-GENDER":
        if version == "4.0":
            return Property("GENDER", letters.get(one.text.strip().lower(), f"O;{one.text}"))
        return Property("X-GENDER", words.get(one.text.strip().upper(), one.text))
    return one
