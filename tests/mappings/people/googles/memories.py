"""Dates to remember and a note in HTML."""

from __future__ import annotations

from tests.mappings.people.people import GoogleSample

SAMPLE = GoogleSample(
    document={
        "connections": [
            {
                "resourceName": "people/c106",
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
                "names": [
                    {
                        "givenName": "Lea",
                        "unstructuredName": "Lea",
                    },
                ],
                "events": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "date": {
                            "year": 1960,
                            "month": 5,
                            "day": 7,
                        },
                        "type": "anniversary",
                        "formattedType": "Anniversary",
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "date": {
                            "month": 12,
                            "day": 6,
                        },
                        "type": "Samichlaus",
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "date": {
                            "year": 1999,
                        },
                        "type": "other",
                    },
                ],
                "biographies": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "value": "<p>Mag <b>Kuchen</b>,<br>keine Torte &amp; kein Eis</p>",
                        "contentType": "TEXT_HTML",
                    },
                ],
            },
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:88bf1d6f-4500-5ff9-853d-906c452e0404",
        "FN:Lea",
        "N:;Lea;;;",
        "item1.X-ABDATE:1960-05-07",
        "item1.X-ABLabel:_$!<Anniversary>!$_",
        "item2.X-ABDATE;X-APPLE-OMIT-YEAR=1604:1604-12-06",
        "item2.X-ABLabel:Samichlaus",
        "NOTE:Mag Kuchen\\,\\nkeine Torte & kein Eis",
        "REV:2026-02-03T04:05:06.789Z",
        'JSPROP;JSPTR="google.com:people/events/2/date":{"year":1999}',
        'JSPROP;JSPTR="google.com:people/events/2/type":"other"',
        (
            'JSPROP;JSPTR="google.com:people/biographies/0/value":"<p>Mag <b>Kuchen</b>\\,'
            '<br>keine Torte &amp\\; kein Eis</p>"'
        ),
        'JSPROP;JSPTR="google.com:people/biographies/0/contentType":"TEXT_HTML"',
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c106"',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:88bf1d6f-4500-5ff9-853d-906c452e0404",
        "FN:Lea",
        "N:;Lea;;;",
        "ANNIVERSARY:19600507",
        "item1.X-ABDATE:--1206",
        "item1.X-ABLabel:Samichlaus",
        "item2.X-ABDATE:1999",
        "item2.X-ABLabel:_$!<Other>!$_",
        "NOTE:Mag Kuchen\\,\\nkeine Torte & kein Eis",
        "REV:20260203T040506Z",
        (
            'JSPROP;JSPTR="google.com:people/biographies/0/value":"<p>Mag <b>Kuchen</b>\\,'
            '<br>keine Torte &amp\\; kein Eis</p>"'
        ),
        'JSPROP;JSPTR="google.com:people/biographies/0/contentType":"TEXT_HTML"',
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c106"',
        "END:VCARD",
    ],
    fates_three=[
        "biographies[].contentType extension 1",
        "biographies[].value extension 1",
        "events[].date.day extension 2",
        "events[].date.month extension 2",
        "events[].date.year extension 2",
        "events[].type extension 3",
        "names[].givenName exact 1",
        "names[].unstructuredName exact 1",
        "resourceName extension 1",
    ],
    fates_four=[
        "biographies[].contentType extension 1",
        "biographies[].value extension 1",
        "events[].date.day exact 1",
        "events[].date.day extension 1",
        "events[].date.month exact 1",
        "events[].date.month extension 1",
        "events[].date.year exact 1",
        "events[].date.year extension 1",
        "events[].type extension 3",
        "names[].givenName exact 1",
        "names[].unstructuredName exact 1",
        "resourceName extension 1",
    ],
    returned={
        "connections": [
            {
                "resourceName": "people/c106",
                "events": [
                    {
                        "date": {
                            "year": 1960,
                            "month": 5,
                            "day": 7,
                        },
                        "type": "anniversary",
                    },
                    {
                        "date": {
                            "month": 12,
                            "day": 6,
                        },
                        "type": "Samichlaus",
                    },
                    {
                        "date": {
                            "year": 1999,
                        },
                        "type": "other",
                    },
                ],
                "biographies": [
                    {
                        "value": "<p>Mag <b>Kuchen</b>,<br>keine Torte &amp; kein Eis</p>",
                        "contentType": "TEXT_HTML",
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Lea",
                        "givenName": "Lea",
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
