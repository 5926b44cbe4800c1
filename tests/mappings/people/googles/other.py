"""One of otherContacts: somebody written to, and nobody's contact."""

from __future__ import annotations

from tests.mappings.people.people import GoogleSample

SAMPLE = GoogleSample(
    document={
        "otherContacts": [
            {
                "resourceName": "otherContacts/c9",
                "metadata": {
                    "sources": [
                        {
                            "type": "OTHER_CONTACT",
                            "id": "4f1",
                            "etag": "#tag",
                            "updateTime": "2026-02-03T04:05:06.789Z",
                        },
                    ],
                    "objectType": "PERSON",
                },
                "emailAddresses": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "OTHER_CONTACT",
                                "id": "4f1",
                            },
                        },
                        "value": "once@example.org",
                    },
                ],
                "phoneNumbers": [
                    {
                        "metadata": {
                            "source": {
                                "type": "OTHER_CONTACT",
                                "id": "4f1",
                            },
                        },
                        "value": "1",
                    },
                ],
            },
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:6a0003d6-25eb-5de3-9ed6-ce1b1d643cf0",
        "N:;;;;",
        "FN;DERIVED=TRUE:once@example.org",
        "EMAIL:once@example.org",
        "TEL:1",
        "REV:2026-02-03T04:05:06.789Z",
        'JSPROP;JSPTR="google.com:people/resourceName":"otherContacts/c9"',
        'JSPROP;JSPTR="google.com:people/otherContacts":true',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:6a0003d6-25eb-5de3-9ed6-ce1b1d643cf0",
        "N:;;;;",
        "FN;DERIVED=TRUE:once@example.org",
        "EMAIL:once@example.org",
        "TEL:1",
        "REV:20260203T040506Z",
        'JSPROP;JSPTR="google.com:people/resourceName":"otherContacts/c9"',
        'JSPROP;JSPTR="google.com:people/otherContacts":true',
        "END:VCARD",
    ],
    fates_three=[
        "emailAddresses[].value exact 1",
        "phoneNumbers[].value exact 1",
        "resourceName extension 1",
    ],
    fates_four=[
        "emailAddresses[].value exact 1",
        "phoneNumbers[].value exact 1",
        "resourceName extension 1",
    ],
    returned={
        "otherContacts": [
            {
                "resourceName": "otherContacts/c9",
                "emailAddresses": [
                    {
                        "value": "once@example.org",
                    },
                ],
                "phoneNumbers": [
                    {
                        "value": "1",
                    },
                ],
                "metadata": {
                    "sources": [
                        {
                            "type": "OTHER_CONTACT",
                            "updateTime": "2026-02-03T04:05:06.789Z",
                        },
                    ],
                },
            },
        ],
    },
)
