"""Android's contacts app and DAVx5 (ez-vcard): TYPE words in lower case, X-ANDROID-CUSTOM, unknown properties."""

from __future__ import annotations

from tests.mappings.people.people import Sample

SAMPLE = Sample(
    version="4.0",
    card=[
        "PRODID:+//IDN bitfire.at//DAVx5/4.3.9-ose ez-vcard/0.12.1",
        "UID:7d0c3b90-9f7a-4a3f-8d2f-1f2e3d4c5b6a",
        "FN:Müller\\, Anna Maria",
        "N:Müller;Anna Maria;;;",
        "X-PHONETIC-FIRST-NAME:anna",
        "NICKNAME:Ännchen,Anni",
        "TEL;TYPE=cell;PREF=1:+41 79 123 45 67",
        "TEL;TYPE=work,pager:123",
        "TEL;TYPE=x-assistant:456",
        "group1.TEL:789",
        "group1.X-ABLABEL:Hütte",
        "EMAIL;TYPE=home:anna@example.ch",
        "EMAIL;TYPE=work;PREF=2:anna@firma.example",
        "ORG:Firma\\; Söhne;Einkauf",
        "TITLE:Leiterin",
        "ROLE:kauft ein",
        "IMPP;TYPE=home:xmpp:anna%40x@example.ch",
        "IMPP:sip:anna@sip.example",
        'ADR;TYPE=work;LABEL="Weg 1^n3000 Bern":;;Weg 1;Bern;BE;3000;Schweiz',
        "URL:https://example.ch/a,b",
        "ANNIVERSARY:20100815",
        "BDAY:--0415",
        "group2.X-ABDATE:20200101",
        "group2.X-ABLABEL:Einzug",
        "RELATED;TYPE=spouse;VALUE=text:Kim",
        "RELATED;TYPE=parent:urn:uuid:1",
        "NOTE:Zeile 1\\nZeile 2",
        "CATEGORIES:Freunde,Chor",
        "PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ==",
        "X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;x;1;;;;;;;;;;;;;",
        "X-DAVDROID-STARRED:1",
        "LANG;PREF=1:de-CH",
        "REV:20260203T040506Z",
    ],
    document={
        "connections": [
            {
                "nicknames": [
                    {
                        "value": "Ännchen,Anni",
                    },
                ],
                "emailAddresses": [
                    {
                        "value": "anna@example.ch",
                        "type": "home",
                    },
                    {
                        "value": "anna@firma.example",
                        "type": "work",
                    },
                ],
                "phoneNumbers": [
                    {
                        "value": "+41 79 123 45 67",
                        "type": "mobile",
                    },
                    {
                        "value": "123",
                        "type": "workPager",
                    },
                    {
                        "value": "456",
                        "type": "assistant",
                    },
                    {
                        "value": "789",
                        "type": "Hütte",
                    },
                ],
                "addresses": [
                    {
                        "streetAddress": "Weg 1",
                        "city": "Bern",
                        "region": "BE",
                        "postalCode": "3000",
                        "country": "Schweiz",
                        "formattedValue": "Weg 1\n3000 Bern",
                        "type": "work",
                    },
                ],
                "organizations": [
                    {
                        "name": "Firma; Söhne",
                        "department": "Einkauf",
                        "title": "Leiterin",
                        "jobDescription": "kauft ein",
                    },
                ],
                "birthdays": [
                    {
                        "date": {
                            "month": 4,
                            "day": 15,
                        },
                    },
                ],
                "events": [
                    {
                        "date": {
                            "year": 2010,
                            "month": 8,
                            "day": 15,
                        },
                        "type": "anniversary",
                    },
                    {
                        "date": {
                            "year": 2020,
                            "month": 1,
                            "day": 1,
                        },
                        "type": "Einzug",
                    },
                ],
                "relations": [
                    {
                        "person": "Kim",
                        "type": "spouse",
                    },
                    {
                        "person": "urn:uuid:1",
                        "type": "parent",
                    },
                ],
                "imClients": [
                    {
                        "username": "anna@x@example.ch",
                        "protocol": "jabber",
                        "type": "home",
                    },
                ],
                "sipAddresses": [
                    {
                        "value": "sip:anna@sip.example",
                    },
                ],
                "urls": [
                    {
                        "value": "https://example.ch/a,b",
                    },
                ],
                "biographies": [
                    {
                        "value": "Zeile 1\nZeile 2",
                        "contentType": "TEXT_PLAIN",
                    },
                ],
                "locales": [
                    {
                        "value": "de-CH",
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Müller, Anna Maria",
                        "familyName": "Müller",
                        "givenName": "Anna Maria",
                        "phoneticGivenName": "anna",
                    },
                ],
                "memberships": [
                    {
                        "contactGroupMembership": {
                            "contactGroupResourceName": "contactGroups/new:Freunde",
                        },
                    },
                    {
                        "contactGroupMembership": {
                            "contactGroupResourceName": "contactGroups/new:Chor",
                        },
                    },
                ],
                "photos": [
                    {
                        "url": ("urn:sha256:ae0e381fa858d6782d6859eb9337b80e670dc0021361fdd55d49299f1b4c26fd"),
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
                "resourceName": "contactGroups/new:Freunde",
                "name": "Freunde",
                "groupType": "USER_CONTACT_GROUP",
            },
            {
                "resourceName": "contactGroups/new:Chor",
                "name": "Chor",
                "groupType": "USER_CONTACT_GROUP",
            },
        ],
        "photos": {
            "urn:sha256:ae0e381fa858d6782d6859eb9337b80e670dc0021361fdd55d49299f1b4c26fd": {
                "mediaType": "image/jpeg",
                "data": "/9j/4AAQSkZJRgABAQ==",
            },
        },
        "vcardLines": [
            "VERSION:4.0",
            "PRODID:+//IDN bitfire.at//DAVx5/4.3.9-ose ez-vcard/0.12.1",
            "UID:7d0c3b90-9f7a-4a3f-8d2f-1f2e3d4c5b6a",
            "NICKNAME:Ännchen,Anni",
            "TEL;TYPE=cell;PREF=1:+41 79 123 45 67",
            "TEL;TYPE=work,pager:123",
            "TEL;TYPE=x-assistant:456",
            "group1.TEL:789",
            "group1.X-ABLABEL:Hütte",
            "EMAIL;TYPE=home:anna@example.ch",
            "EMAIL;TYPE=work;PREF=2:anna@firma.example",
            "IMPP;TYPE=home:xmpp:anna%40x@example.ch",
            "URL:https://example.ch/a,b",
            "X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;x;1;;;;;;;;;;;;;",
            "X-DAVDROID-STARRED:1",
            "LANG;PREF=1:de-CH",
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:e6876e5a-b9d4-5896-b066-d8b20de76d75",
        "FN:Müller\\, Anna Maria",
        "N:Müller;Anna Maria;;;",
        "X-PHONETIC-FIRST-NAME:anna",
        "NICKNAME:Ännchen\\,Anni",
        "EMAIL;TYPE=HOME:anna@example.ch",
        "EMAIL;TYPE=WORK:anna@firma.example",
        "TEL;TYPE=CELL:+41 79 123 45 67",
        "TEL;TYPE=WORK,PAGER:123",
        "item1.TEL:456",
        "item1.X-ABLabel:assistant",
        "item2.TEL:789",
        "item2.X-ABLabel:Hütte",
        "item3.ADR;TYPE=WORK:;;Weg 1;Bern;BE;3000;Schweiz",
        "item3.LABEL:Weg 1\\n3000 Bern",
        "ORG:Firma\\; Söhne;Einkauf",
        "TITLE:Leiterin",
        "ROLE:kauft ein",
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15",
        "item4.X-ABDATE:2010-08-15",
        "item4.X-ABLabel:_$!<Anniversary>!$_",
        "item5.X-ABDATE:2020-01-01",
        "item5.X-ABLabel:Einzug",
        "item6.X-ABRELATEDNAMES:Kim",
        "item6.X-ABLabel:_$!<Spouse>!$_",
        "item7.X-ABRELATEDNAMES:urn:uuid:1",
        "item7.X-ABLabel:_$!<Parent>!$_",
        "IMPP;TYPE=HOME;X-SERVICE-TYPE=Jabber:xmpp:anna@x@example.ch",
        "IMPP:sip:anna@sip.example",
        "item8.URL:https://example.ch/a%2Cb",
        "NOTE:Zeile 1\\nZeile 2",
        "LANG:de-CH",
        "CATEGORIES:Freunde,Chor",
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ==",
        "REV:2026-02-03T04:05:06Z",
        'item8.JSPROP;JSPTR="google.com:people/urls/0/value":"https://example.ch/a\\,b"',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:e6876e5a-b9d4-5896-b066-d8b20de76d75",
        "FN:Müller\\, Anna Maria",
        "N:Müller;Anna Maria;;;",
        "X-PHONETIC-FIRST-NAME:anna",
        "NICKNAME:Ännchen\\,Anni",
        "EMAIL;TYPE=HOME:anna@example.ch",
        "EMAIL;TYPE=WORK:anna@firma.example",
        "TEL;TYPE=CELL:+41 79 123 45 67",
        "TEL;TYPE=WORK,PAGER:123",
        "item1.TEL:456",
        "item1.X-ABLabel:assistant",
        "item2.TEL:789",
        "item2.X-ABLabel:Hütte",
        "ADR;TYPE=WORK;LABEL=Weg 1^n3000 Bern:;;Weg 1;Bern;BE;3000;Schweiz",
        "ORG:Firma\\; Söhne;Einkauf",
        "TITLE:Leiterin",
        "ROLE:kauft ein",
        "BDAY:--0415",
        "ANNIVERSARY:20100815",
        "item3.X-ABDATE:20200101",
        "item3.X-ABLabel:Einzug",
        "RELATED;TYPE=SPOUSE;VALUE=text:Kim",
        "RELATED;TYPE=PARENT;VALUE=text:urn:uuid:1",
        "IMPP;TYPE=HOME;SERVICE-TYPE=Jabber:xmpp:anna@x@example.ch",
        "IMPP:sip:anna@sip.example",
        "item4.URL:https://example.ch/a%2Cb",
        "NOTE:Zeile 1\\nZeile 2",
        "LANG:de-CH",
        "CATEGORIES:Freunde,Chor",
        "PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ==",
        "REV:20260203T040506Z",
        'item4.JSPROP;JSPTR="google.com:people/urls/0/value":"https://example.ch/a\\,b"',
        "END:VCARD",
    ],
)
