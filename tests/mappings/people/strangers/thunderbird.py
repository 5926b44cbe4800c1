"""Thunderbird: vCard 4.0 with preferences, dates without years and custom fields."""

from __future__ import annotations

from tests.mappings.people.people import Sample

SAMPLE = Sample(
    version="4.0",
    card=[
        "EMAIL;PREF=1:tb@example.org",
        "EMAIL;TYPE=work:tb@work.example",
        "FN:Thora Bird",
        "NICKNAME:TB",
        'N;SORT-AS="Bird,Thora":Bird;Thora;B.;Ms;',
        "TEL;TYPE=fax;VALUE=TEXT:11",
        "TEL;VALUE=uri:tel:+4912",
        "BDAY;VALUE=DATE:--0229",
        "ANNIVERSARY;VALUE=DATE:2000",
        "NOTE:two\\nlines",
        "ORG:Mozilla;MZLA",
        "TITLE:t",
        "ROLE:r",
        "TZ:Europe/Berlin",
        "URL;TYPE=work;VALUE=URL:https://tb.example",
        "IMPP;VALUE=URI:matrix:u/tb:example.org",
        "X-CUSTOM1;VALUE=TEXT:one",
        "X-CUSTOM2;VALUE=TEXT:two, three",
        "GENDER:F;Bird",
        "PRONOUNS;LANGUAGE=en;PREF=1:she/her",
        "HOBBY;LEVEL=high:birds",
        "INTEREST:nests",
        "EXPERTISE;LEVEL=expert:mail",
        "SOCIALPROFILE;SERVICE-TYPE=Mastodon:https://m.example/@tb",
        "CREATED:20220705T093412Z",
        "GRAMGENDER:feminine",
        "UID:b1b2b3b4-0000-4000-8000-00000000000b",
    ],
    document={
        "connections": [
            {
                "nicknames": [
                    {
                        "value": "TB",
                    },
                ],
                "emailAddresses": [
                    {
                        "value": "tb@example.org",
                    },
                    {
                        "value": "tb@work.example",
                        "type": "work",
                    },
                ],
                "phoneNumbers": [
                    {
                        "value": "11",
                        "type": "otherFax",
                    },
                    {
                        "value": "+4912",
                    },
                ],
                "organizations": [
                    {
                        "name": "Mozilla",
                        "department": "MZLA",
                        "title": "t",
                        "jobDescription": "r",
                    },
                ],
                "birthdays": [
                    {
                        "date": {
                            "month": 2,
                            "day": 29,
                        },
                    },
                ],
                "events": [
                    {
                        "date": {
                            "year": 2000,
                        },
                        "type": "anniversary",
                    },
                ],
                "imClients": [
                    {
                        "username": "u/tb:example.org",
                        "protocol": "matrix",
                    },
                ],
                "urls": [
                    {
                        "value": "https://tb.example",
                        "type": "work",
                    },
                ],
                "biographies": [
                    {
                        "value": "two\nlines",
                        "contentType": "TEXT_PLAIN",
                    },
                ],
                "genders": [
                    {
                        "value": "Bird",
                        "addressMeAs": "she/her",
                    },
                ],
                "interests": [
                    {
                        "value": "nests",
                    },
                ],
                "skills": [
                    {
                        "value": "mail",
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Thora Bird",
                        "familyName": "Bird",
                        "givenName": "Thora",
                        "middleName": "B.",
                        "honorificPrefix": "Ms",
                    },
                ],
            },
        ],
        "vcardLines": [
            "VERSION:4.0",
            "EMAIL;PREF=1:tb@example.org",
            "EMAIL;TYPE=work:tb@work.example",
            "FN:Thora Bird",
            'N;SORT-AS="Bird,Thora":Bird;Thora;B.;Ms;',
            "TEL;TYPE=fax;VALUE=TEXT:11",
            "TEL;VALUE=uri:tel:+4912",
            "TZ:Europe/Berlin",
            "IMPP;VALUE=URI:matrix:u/tb:example.org",
            "X-CUSTOM1;VALUE=TEXT:one",
            "X-CUSTOM2;VALUE=TEXT:two, three",
            "GENDER:F;Bird",
            "PRONOUNS;LANGUAGE=en;PREF=1:she/her",
            "HOBBY;LEVEL=high:birds",
            "EXPERTISE;LEVEL=expert:mail",
            "SOCIALPROFILE;SERVICE-TYPE=Mastodon:https://m.example/@tb",
            "CREATED:20220705T093412Z",
            "GRAMGENDER:feminine",
            "UID:b1b2b3b4-0000-4000-8000-00000000000b",
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:bb2bec10-82a6-58d7-b1c7-94d63e7cda55",
        "FN:Thora Bird",
        "N:Bird;Thora;B.;Ms;",
        "NICKNAME:TB",
        "EMAIL:tb@example.org",
        "EMAIL;TYPE=WORK:tb@work.example",
        "TEL;TYPE=FAX:11",
        "TEL:+4912",
        "ORG:Mozilla;MZLA",
        "TITLE:t",
        "ROLE:r",
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",
        "IMPP;X-SERVICE-TYPE=matrix:x-apple:u/tb:example.org",
        "URL;TYPE=WORK:https://tb.example",
        "NOTE:two\\nlines",
        "X-GENDER:Bird",
        "PRONOUNS:she/her",
        "INTEREST:nests",
        "EXPERTISE:mail",
        'JSPROP;JSPTR="google.com:people/events/0/date":{"year":2000}',
        'JSPROP;JSPTR="google.com:people/events/0/type":"anniversary"',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:bb2bec10-82a6-58d7-b1c7-94d63e7cda55",
        "FN:Thora Bird",
        "N:Bird;Thora;B.;Ms;",
        "NICKNAME:TB",
        "EMAIL:tb@example.org",
        "EMAIL;TYPE=WORK:tb@work.example",
        "TEL;TYPE=FAX:11",
        "TEL:+4912",
        "ORG:Mozilla;MZLA",
        "TITLE:t",
        "ROLE:r",
        "BDAY:--0229",
        "ANNIVERSARY:2000",
        "IMPP;SERVICE-TYPE=matrix:x-apple:u/tb:example.org",
        "URL;TYPE=WORK:https://tb.example",
        "NOTE:two\\nlines",
        "GENDER:O;Bird",
        "PRONOUNS:she/her",
        "INTEREST:nests",
        "EXPERTISE:mail",
        "END:VCARD",
    ],
)
