"""Several organizations, one without a name."""

from __future__ import annotations

from tests.mappings.people.people import GoogleSample

SAMPLE = GoogleSample(
    document={
        "connections": [
            {
                "resourceName": "people/c107",
                "metadata": {
                    "sources": [
                        {
                            "type": "CONTACT",
                            "id": "4f1",
                            "etag": "#tag",
                            "updateTime": "2026-02-03T04:05:06.789Z",
                        },
                    ],
                    "objectType": "PERSON",
                },
                "organizations": [
                    {
                        "name": "HQ",
                        "title": "Prof.",
                        "jobDescription": "sits\nthere",
                        "phoneticName": "eitsch kju",
                        "current": True,
                    },
                    {
                        "name": "School",
                        "type": "school",
                        "current": False,
                        "endDate": {
                            "year": 1999,
                            "month": 7,
                            "day": 1,
                        },
                    },
                    {
                        "title": "Chair",
                    },
                ],
            },
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:01f515d1-707b-5f1e-932b-f0f31054d469",
        "N:;;;;",
        "FN;DERIVED=TRUE:HQ",
        "item1.ORG:HQ",
        "item1.TITLE:Prof.",
        "item1.ROLE:sits\\nthere",
        "item1.X-PHONETIC-ORG:eitsch kju",
        "item2.ORG:School",
        "item2.X-ABLabel:_$!<School>!$_",
        "item3.TITLE:Chair",
        "REV:2026-02-03T04:05:06.789Z",
        'item1.JSPROP;JSPTR="google.com:people/organizations/0/current":true',
        'item2.JSPROP;JSPTR="google.com:people/organizations/1/current":false',
        ('item2.JSPROP;JSPTR="google.com:people/organizations/1/endDate":{"year":1999\\,"month":7\\,"day":1}'),
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c107"',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:01f515d1-707b-5f1e-932b-f0f31054d469",
        "N:;;;;",
        "FN;DERIVED=TRUE:HQ",
        "item1.ORG:HQ",
        "item1.TITLE:Prof.",
        "item1.ROLE:sits\\nthere",
        "item1.X-PHONETIC-ORG:eitsch kju",
        "item2.ORG:School",
        "item2.X-ABLabel:_$!<School>!$_",
        "item3.TITLE:Chair",
        "REV:20260203T040506Z",
        'item1.JSPROP;JSPTR="google.com:people/organizations/0/current":true',
        'item2.JSPROP;JSPTR="google.com:people/organizations/1/current":false',
        ('item2.JSPROP;JSPTR="google.com:people/organizations/1/endDate":{"year":1999\\,"month":7\\,"day":1}'),
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c107"',
        "END:VCARD",
    ],
    fates_three=[
        "organizations[].current extension 2",
        "organizations[].endDate.day extension 1",
        "organizations[].endDate.month extension 1",
        "organizations[].endDate.year extension 1",
        "organizations[].jobDescription exact 1",
        "organizations[].name exact 2",
        "organizations[].phoneticName extension 1",
        "organizations[].title exact 2",
        "organizations[].type extension 1",
        "resourceName extension 1",
    ],
    fates_four=[
        "organizations[].current extension 2",
        "organizations[].endDate.day extension 1",
        "organizations[].endDate.month extension 1",
        "organizations[].endDate.year extension 1",
        "organizations[].jobDescription exact 1",
        "organizations[].name exact 2",
        "organizations[].phoneticName extension 1",
        "organizations[].title exact 2",
        "organizations[].type extension 1",
        "resourceName extension 1",
    ],
    returned={
        "connections": [
            {
                "resourceName": "people/c107",
                "organizations": [
                    {
                        "name": "HQ",
                        "title": "Prof.",
                        "jobDescription": "sits\nthere",
                        "phoneticName": "eitsch kju",
                        "current": True,
                    },
                    {
                        "name": "School",
                        "type": "school",
                        "current": False,
                        "endDate": {
                            "year": 1999,
                            "month": 7,
                            "day": 1,
                        },
                    },
                    {
                        "title": "Chair",
                    },
                ],
                "metadata": {
                    "sources": [
                        {
                            "type": "CONTACT",
                            "updateTime": "2026-02-03T04:05:06.789Z",
                        },
                    ],
                },
            },
        ],
    },
)
