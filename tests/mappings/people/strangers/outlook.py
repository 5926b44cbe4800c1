"""An export of Outlook: vCard 2.1, quoted-printable, bare types, properties of Microsoft's."""

from __future__ import annotations

from tests.mappings.people.people import Sample

SAMPLE = Sample(
    version="2.1",
    card=[
        ("N;LANGUAGE=de;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:M=FCller;J=FCrgen;;Herr"),
        "FN;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:Herr J=FCrgen M=FCller",
        "ORG:Contoso;Vertrieb",
        "TITLE:Leiter",
        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Zeile=0D=0AZwei =C3=BC=",
        "=20Ende",
        "TEL;WORK;VOICE:+49 30 1",
        "TEL;HOME;VOICE:+49 30 2",
        "TEL;CELL;VOICE:+49 170 3",
        "TEL;WORK;FAX:+49 30 4",
        "TEL;PREF:+49 30 5",
        "ADR;WORK;PREF;ENCODING=QUOTED-PRINTABLE:;;Stra=C3=9Fe 1;Berlin;;10115;Deutschland",
        "LABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE:Stra=C3=9Fe 1=0D=0A10115 Berlin",
        "URL;WORK:http://contoso.example",
        "EMAIL;PREF;INTERNET:jm@contoso.example",
        "BDAY:19700102",
        "X-MS-OL-DEFAULT-POSTAL-ADDRESS:2",
        "X-MS-CARDPICTURE;TYPE=JPEG;ENCODING=BASE64:",
        "X-MS-IMADDRESS:jm@im.example",
        "PHOTO;TYPE=JPEG;ENCODING=BASE64: /9j/4AAQSkZJRgABAQ==",
        "REV:20260203T040506Z",
    ],
    document={
        "connections": [
            {
                "emailAddresses": [
                    {
                        "value": "jm@contoso.example",
                    },
                ],
                "phoneNumbers": [
                    {
                        "value": "+49 30 1",
                        "type": "work",
                    },
                    {
                        "value": "+49 30 2",
                        "type": "home",
                    },
                    {
                        "value": "+49 170 3",
                        "type": "mobile",
                    },
                    {
                        "value": "+49 30 4",
                        "type": "workFax",
                    },
                    {
                        "value": "+49 30 5",
                    },
                ],
                "addresses": [
                    {
                        "streetAddress": "Straße 1",
                        "city": "Berlin",
                        "postalCode": "10115",
                        "country": "Deutschland",
                        "type": "work",
                    },
                ],
                "organizations": [
                    {
                        "name": "Contoso",
                        "department": "Vertrieb",
                        "title": "Leiter",
                    },
                ],
                "birthdays": [
                    {
                        "date": {
                            "year": 1970,
                            "month": 1,
                            "day": 2,
                        },
                    },
                ],
                "urls": [
                    {
                        "value": "http://contoso.example",
                        "type": "work",
                    },
                ],
                "biographies": [
                    {
                        "value": "Zeile\nZwei ü Ende",
                        "contentType": "TEXT_PLAIN",
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Herr Jürgen Müller",
                        "familyName": "Müller",
                        "givenName": "Jürgen",
                        "honorificPrefix": "Herr",
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
        "photos": {
            "urn:sha256:ae0e381fa858d6782d6859eb9337b80e670dc0021361fdd55d49299f1b4c26fd": {
                "mediaType": "image/jpeg",
                "data": "/9j/4AAQSkZJRgABAQ==",
            },
        },
        "vcardLines": [
            "VERSION:2.1",
            ("N;LANGUAGE=de;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:M=FCller;J=FCrgen;;Herr"),
            "FN;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:Herr J=FCrgen M=FCller",
            "TEL;WORK;VOICE:+49 30 1",
            "TEL;HOME;VOICE:+49 30 2",
            "TEL;CELL;VOICE:+49 170 3",
            "TEL;WORK;FAX:+49 30 4",
            "TEL;PREF:+49 30 5",
            ("ADR;WORK;PREF;ENCODING=QUOTED-PRINTABLE:;;Stra=C3=9Fe 1;Berlin;;10115;Deutschland"),
            "LABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE:Stra=C3=9Fe 1=0D=0A10115 Berlin",
            "EMAIL;PREF;INTERNET:jm@contoso.example",
            "X-MS-OL-DEFAULT-POSTAL-ADDRESS:2",
            "X-MS-CARDPICTURE;TYPE=JPEG;ENCODING=BASE64:",
            "X-MS-IMADDRESS:jm@im.example",
            "PHOTO;TYPE=JPEG;ENCODING=BASE64: /9j/4AAQSkZJRgABAQ==",
            "REV:20260203T040506Z",
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:bc4cf774-aebf-5744-9550-07db9ca7266a",
        "FN:Herr Jürgen Müller",
        "N:Müller;Jürgen;;Herr;",
        "EMAIL:jm@contoso.example",
        "TEL;TYPE=WORK:+49 30 1",
        "TEL;TYPE=HOME:+49 30 2",
        "TEL;TYPE=CELL:+49 170 3",
        "TEL;TYPE=WORK,FAX:+49 30 4",
        "TEL:+49 30 5",
        "ADR;TYPE=WORK:;;Straße 1;Berlin;;10115;Deutschland",
        "ORG:Contoso;Vertrieb",
        "TITLE:Leiter",
        "BDAY:1970-01-02",
        "URL;TYPE=WORK:http://contoso.example",
        "NOTE:Zeile\\nZwei ü Ende",
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ==",
        "REV:2026-02-03T04:05:06Z",
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:bc4cf774-aebf-5744-9550-07db9ca7266a",
        "FN:Herr Jürgen Müller",
        "N:Müller;Jürgen;;Herr;",
        "EMAIL:jm@contoso.example",
        "TEL;TYPE=WORK:+49 30 1",
        "TEL;TYPE=HOME:+49 30 2",
        "TEL;TYPE=CELL:+49 170 3",
        "TEL;TYPE=WORK,FAX:+49 30 4",
        "TEL:+49 30 5",
        "ADR;TYPE=WORK:;;Straße 1;Berlin;;10115;Deutschland",
        "ORG:Contoso;Vertrieb",
        "TITLE:Leiter",
        "BDAY:19700102",
        "URL;TYPE=WORK:http://contoso.example",
        "NOTE:Zeile\\nZwei ü Ende",
        "PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ==",
        "REV:20260203T040506Z",
        "END:VCARD",
    ],
)
