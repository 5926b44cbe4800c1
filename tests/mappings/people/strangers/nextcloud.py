"""Nextcloud's contacts app: vCard 4.0 with free text types, social profiles, favourites."""

from __future__ import annotations

from tests.mappings.people.people import Sample

SAMPLE = Sample(
    version="4.0",
    card=[
        "PRODID:-//Sabre//Sabre VObject 4.5.4//EN",
        "UID:0f1e2d3c-0000-4000-8000-00000000000a",
        "FN:Jo Nexa",
        "N:Nexa;Jo;;;",
        'TEL;TYPE="HOME,VOICE":0301',
        'TEL;TYPE="WORK,CELL":0302',
        "TEL;TYPE=OTHER:0303",
        "EMAIL;TYPE=HOME:jo@example.org",
        "EMAIL;TYPE=OTHER:jo2@example.org",
        "ADR;TYPE=HOME:;;Gasse 2;Wien;;1010;Österreich",
        "IMPP;TYPE=SIGNAL:+4312",
        "X-SOCIALPROFILE;TYPE=mastodon:@jo@example.social",
        "URL;TYPE=Blog:https://jo.example",
        "GENDER:O",
        "RELATED;TYPE=CO-WORKER:Max",
        "CATEGORIES:Team",
        "BDAY;VALUE=DATE:19851231",
        "ANNIVERSARY;VALUE=DATE-AND-OR-TIME:--0630",
        "DEATHDATE:20250101",
        "CLOUD:jo@cloud.example",
        "X-MANAGERSNAME;UID=xyz:Ada",
        "TZ:Europe/Vienna",
        "LANG:de",
        "REV;VALUE=DATE-AND-OR-TIME:20260203T040506Z",
    ],
    document={
        "connections": [
            {
                "emailAddresses": [
                    {
                        "value": "jo@example.org",
                        "type": "home",
                    },
                    {
                        "value": "jo2@example.org",
                        "type": "other",
                    },
                ],
                "phoneNumbers": [
                    {
                        "value": "0301",
                        "type": "home",
                    },
                    {
                        "value": "0302",
                        "type": "workMobile",
                    },
                    {
                        "value": "0303",
                        "type": "other",
                    },
                ],
                "addresses": [
                    {
                        "streetAddress": "Gasse 2",
                        "city": "Wien",
                        "postalCode": "1010",
                        "country": "Österreich",
                        "type": "home",
                    },
                ],
                "birthdays": [
                    {
                        "date": {
                            "year": 1985,
                            "month": 12,
                            "day": 31,
                        },
                    },
                ],
                "events": [
                    {
                        "date": {
                            "month": 6,
                            "day": 30,
                        },
                        "type": "anniversary",
                    },
                ],
                "relations": [
                    {
                        "person": "Max",
                        "type": "co-worker",
                    },
                ],
                "imClients": [
                    {
                        "username": "+4312",
                        "type": "signal",
                    },
                ],
                "urls": [
                    {
                        "value": "https://jo.example",
                        "type": "blog",
                    },
                ],
                "genders": [
                    {
                        "value": "other",
                    },
                ],
                "locales": [
                    {
                        "value": "de",
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Jo Nexa",
                        "familyName": "Nexa",
                        "givenName": "Jo",
                    },
                ],
                "memberships": [
                    {
                        "contactGroupMembership": {
                            "contactGroupResourceName": "contactGroups/new:Team",
                        },
                    },
                ],
                "metadata": {
                    "sources": [
                        {
                            "type": "CONTACT",
                            "updateTime": "2026-02-03T04:05:06Z",
                        },
                    ],
                },
            },
        ],
        "contactGroups": [
            {
                "resourceName": "contactGroups/new:Team",
                "name": "Team",
                "groupType": "USER_CONTACT_GROUP",
            },
        ],
        "vcardLines": [
            "VERSION:4.0",
            "PRODID:-//Sabre//Sabre VObject 4.5.4//EN",
            "UID:0f1e2d3c-0000-4000-8000-00000000000a",
            'TEL;TYPE="HOME,VOICE":0301',
            'TEL;TYPE="WORK,CELL":0302',
            "TEL;TYPE=OTHER:0303",
            "EMAIL;TYPE=HOME:jo@example.org",
            "EMAIL;TYPE=OTHER:jo2@example.org",
            "IMPP;TYPE=SIGNAL:+4312",
            "X-SOCIALPROFILE;TYPE=mastodon:@jo@example.social",
            "URL;TYPE=Blog:https://jo.example",
            "GENDER:O",
            "RELATED;TYPE=CO-WORKER:Max",
            "DEATHDATE:20250101",
            "CLOUD:jo@cloud.example",
            "X-MANAGERSNAME;UID=xyz:Ada",
            "TZ:Europe/Vienna",
            "REV;VALUE=DATE-AND-OR-TIME:20260203T040506Z",
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:24df1566-7b30-586b-9f9e-c5422799e529",
        "FN:Jo Nexa",
        "N:Nexa;Jo;;;",
        "EMAIL;TYPE=HOME:jo@example.org",
        "item1.EMAIL:jo2@example.org",
        "item1.X-ABLabel:_$!<Other>!$_",
        "TEL;TYPE=HOME:0301",
        "TEL;TYPE=WORK,CELL:0302",
        "item2.TEL:0303",
        "item2.X-ABLabel:_$!<Other>!$_",
        "ADR;TYPE=HOME:;;Gasse 2;Wien;;1010;Österreich",
        "BDAY:1985-12-31",
        "item3.X-ABDATE;X-APPLE-OMIT-YEAR=1604:1604-06-30",
        "item3.X-ABLabel:_$!<Anniversary>!$_",
        "item4.X-ABRELATEDNAMES:Max",
        "item4.X-ABLabel:co-worker",
        "item5.IMPP:x-apple:+4312",
        "item5.X-ABLabel:signal",
        "item6.URL:https://jo.example",
        "item6.X-ABLabel:blog",
        "X-GENDER:other",
        "LANG:de",
        "CATEGORIES:Team",
        "REV:2026-02-03T04:05:06Z",
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:24df1566-7b30-586b-9f9e-c5422799e529",
        "FN:Jo Nexa",
        "N:Nexa;Jo;;;",
        "EMAIL;TYPE=HOME:jo@example.org",
        "item1.EMAIL:jo2@example.org",
        "item1.X-ABLabel:_$!<Other>!$_",
        "TEL;TYPE=HOME:0301",
        "TEL;TYPE=WORK,CELL:0302",
        "item2.TEL:0303",
        "item2.X-ABLabel:_$!<Other>!$_",
        "ADR;TYPE=HOME:;;Gasse 2;Wien;;1010;Österreich",
        "BDAY:19851231",
        "ANNIVERSARY:--0630",
        "item3.RELATED;VALUE=text:Max",
        "item3.X-ABLabel:co-worker",
        "item4.IMPP:x-apple:+4312",
        "item4.X-ABLabel:signal",
        "item5.URL:https://jo.example",
        "item5.X-ABLabel:blog",
        "GENDER:O;other",
        "LANG:de",
        "CATEGORIES:Team",
        "REV:20260203T040506Z",
        "END:VCARD",
    ],
)
