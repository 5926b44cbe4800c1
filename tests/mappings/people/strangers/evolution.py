"""Evolution and KAddressBook: everything they have no standard property for in an X- of their own."""

from __future__ import annotations

from tests.mappings.people.people import Sample

SAMPLE = Sample(
    version="3.0",
    card=[
        "UID:pas-id-5F00",
        "N:Gnom;Eva;;;",
        "FN:Eva Gnom",
        "X-EVOLUTION-FILE-AS:Gnom\\, Eva",
        "EMAIL;X-EVOLUTION-UI-SLOT=1;TYPE=WORK:eva@gnome.example",
        'TEL;X-EVOLUTION-E164=123,+49;TYPE="WORK,VOICE":123',
        "X-JABBER;X-EVOLUTION-UI-SLOT=1;TYPE=HOME:eva@jabber.example",
        "X-ICQ;TYPE=HOME:12345",
        "X-SKYPE:eva.skype",
        "X-MATRIX:@eva:example.org",
        "X-EVOLUTION-SPOUSE:Gus",
        "X-EVOLUTION-MANAGER:Max",
        "X-EVOLUTION-ASSISTANT:Lea",
        "X-EVOLUTION-ANNIVERSARY:2011-11-11",
        "X-EVOLUTION-BLOG-URL:https://blog.example",
        "X-MOZILLA-HTML:FALSE",
        "CALURI:https://cal.example/eva.ics",
        "FBURL:https://cal.example/eva.ifb",
        "X-KADDRESSBOOK-X-Profession:Wichtel",
        "X-KADDRESSBOOK-BlogFeed:https://feed.example",
        "GEO:46.94;7.44",
        "CLASS:PUBLIC",
        "KEY;TYPE=x509;ENCODING=b:MIIB",
        "LOGO;VALUE=uri:https://logo.example/l.png",
        "REV:2026-02-03T04:05:06.789Z",
    ],
    document={
        "connections": [
            {
                "emailAddresses": [
                    {
                        "value": "eva@gnome.example",
                        "type": "work",
                    },
                ],
                "phoneNumbers": [
                    {
                        "value": "123",
                        "type": "work",
                    },
                ],
                "events": [
                    {
                        "date": {
                            "year": 2011,
                            "month": 11,
                            "day": 11,
                        },
                        "type": "anniversary",
                    },
                ],
                "relations": [
                    {
                        "person": "Gus",
                        "type": "spouse",
                    },
                    {
                        "person": "Max",
                        "type": "manager",
                    },
                    {
                        "person": "Lea",
                        "type": "assistant",
                    },
                ],
                "imClients": [
                    {
                        "username": "eva@jabber.example",
                        "protocol": "jabber",
                        "type": "home",
                    },
                    {
                        "username": "12345",
                        "protocol": "icq",
                        "type": "home",
                    },
                    {
                        "username": "eva.skype",
                        "protocol": "skype",
                    },
                    {
                        "username": "@eva:example.org",
                        "protocol": "matrix",
                    },
                ],
                "calendarUrls": [
                    {
                        "url": "https://cal.example/eva.ics",
                    },
                    {
                        "url": "https://cal.example/eva.ifb",
                        "type": "freeBusy",
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Eva Gnom",
                        "familyName": "Gnom",
                        "givenName": "Eva",
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
        "vcardLines": [
            "VERSION:3.0",
            "UID:pas-id-5F00",
            "X-EVOLUTION-FILE-AS:Gnom\\, Eva",
            "EMAIL;X-EVOLUTION-UI-SLOT=1;TYPE=WORK:eva@gnome.example",
            'TEL;X-EVOLUTION-E164=123,+49;TYPE="WORK,VOICE":123',
            "X-JABBER;X-EVOLUTION-UI-SLOT=1;TYPE=HOME:eva@jabber.example",
            "X-ICQ;TYPE=HOME:12345",
            "X-SKYPE:eva.skype",
            "X-MATRIX:@eva:example.org",
            "X-EVOLUTION-SPOUSE:Gus",
            "X-EVOLUTION-MANAGER:Max",
            "X-EVOLUTION-ASSISTANT:Lea",
            "X-EVOLUTION-ANNIVERSARY:2011-11-11",
            "X-EVOLUTION-BLOG-URL:https://blog.example",
            "X-MOZILLA-HTML:FALSE",
            "X-KADDRESSBOOK-X-Profession:Wichtel",
            "X-KADDRESSBOOK-BlogFeed:https://feed.example",
            "GEO:46.94;7.44",
            "CLASS:PUBLIC",
            "KEY;TYPE=x509;ENCODING=b:MIIB",
            "LOGO;VALUE=uri:https://logo.example/l.png",
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:19067e6c-bc42-5e1e-94f8-f583f6e4114e",
        "FN:Eva Gnom",
        "N:Gnom;Eva;;;",
        "EMAIL;TYPE=WORK:eva@gnome.example",
        "TEL;TYPE=WORK:123",
        "item1.X-ABDATE:2011-11-11",
        "item1.X-ABLabel:_$!<Anniversary>!$_",
        "item2.X-ABRELATEDNAMES:Gus",
        "item2.X-ABLabel:_$!<Spouse>!$_",
        "item3.X-ABRELATEDNAMES:Max",
        "item3.X-ABLabel:_$!<Manager>!$_",
        "item4.X-ABRELATEDNAMES:Lea",
        "item4.X-ABLabel:_$!<Assistant>!$_",
        "IMPP;TYPE=HOME;X-SERVICE-TYPE=Jabber:xmpp:eva@jabber.example",
        "IMPP;TYPE=HOME;X-SERVICE-TYPE=ICQ:icq:12345",
        "IMPP;X-SERVICE-TYPE=Skype:skype:eva.skype",
        "IMPP;X-SERVICE-TYPE=matrix:x-apple:@eva:example.org",
        "CALURI:https://cal.example/eva.ics",
        "FBURL:https://cal.example/eva.ifb",
        "REV:2026-02-03T04:05:06.789Z",
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:19067e6c-bc42-5e1e-94f8-f583f6e4114e",
        "FN:Eva Gnom",
        "N:Gnom;Eva;;;",
        "EMAIL;TYPE=WORK:eva@gnome.example",
        "TEL;TYPE=WORK:123",
        "ANNIVERSARY:20111111",
        "RELATED;TYPE=SPOUSE;VALUE=text:Gus",
        "item1.RELATED;VALUE=text:Max",
        "item1.X-ABLabel:_$!<Manager>!$_",
        "item2.RELATED;VALUE=text:Lea",
        "item2.X-ABLabel:_$!<Assistant>!$_",
        "IMPP;TYPE=HOME;SERVICE-TYPE=Jabber:xmpp:eva@jabber.example",
        "IMPP;TYPE=HOME;SERVICE-TYPE=ICQ:icq:12345",
        "IMPP;SERVICE-TYPE=Skype:skype:eva.skype",
        "IMPP;SERVICE-TYPE=matrix:x-apple:@eva:example.org",
        "CALURI:https://cal.example/eva.ics",
        "FBURL:https://cal.example/eva.ifb",
        "REV:20260203T040506Z",
        "END:VCARD",
    ],
)
