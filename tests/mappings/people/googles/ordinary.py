"""Someone like most people in an address book, as people.connections.list returns them."""

from __future__ import annotations

from tests.mappings.people.people import GoogleSample

SAMPLE = GoogleSample(
    document={
        "connections": [
            {
                "resourceName": "people/c100",
                "etag": "%Eg",
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
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "displayName": "Anna Müller",
                        "familyName": "Müller",
                        "givenName": "Anna",
                        "displayNameLastFirst": "Müller, Anna",
                        "unstructuredName": "Anna Müller",
                    },
                ],
                "emailAddresses": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "value": "anna@example.ch",
                        "type": "home",
                        "formattedType": "Home",
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "value": "a.mueller@firma.example",
                        "type": "work",
                        "formattedType": "Work",
                    },
                ],
                "phoneNumbers": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "value": "079 123 45 67",
                        "canonicalForm": "+41791234567",
                        "type": "mobile",
                        "formattedType": "Mobile",
                    },
                ],
                "addresses": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "formattedValue": "Weg 1\n3000 Bern\nCH",
                        "type": "home",
                        "formattedType": "Home",
                        "streetAddress": "Weg 1",
                        "city": "Bern",
                        "postalCode": "3000",
                        "country": "CH",
                        "countryCode": "CH",
                    },
                ],
                "organizations": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "name": "Firma & Söhne",
                        "title": "Leiterin, Einkauf",
                    },
                ],
                "birthdays": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "date": {
                            "year": 1985,
                            "month": 4,
                            "day": 15,
                        },
                        "text": "15.4.1985",
                    },
                ],
                "memberships": [
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "contactGroupMembership": {
                            "contactGroupId": "myContacts",
                            "contactGroupResourceName": "contactGroups/myContacts",
                        },
                    },
                ],
                "photos": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "url": "https://lh3.example/photo=s100",
                        "default": True,
                    },
                ],
            },
        ],
        "contactGroups": [
            {
                "resourceName": "contactGroups/myContacts",
                "groupType": "SYSTEM_CONTACT_GROUP",
                "name": "myContacts",
                "formattedName": "My Contacts",
            },
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:66e6e8a9-4db8-5bf2-a6ed-b6f5ed23ae5c",
        "FN:Anna Müller",
        "N:Müller;Anna;;;",
        "EMAIL;TYPE=HOME:anna@example.ch",
        "EMAIL;TYPE=WORK:a.mueller@firma.example",
        "TEL;TYPE=CELL:079 123 45 67",
        "item1.ADR;TYPE=HOME:;;Weg 1;Bern;;3000;CH",
        "item1.X-ABADR:ch",
        "item1.LABEL:Weg 1\\n3000 Bern\\nCH",
        "ORG:Firma & Söhne",
        "TITLE:Leiterin\\, Einkauf",
        "BDAY:1985-04-15",
        "REV:2026-02-03T04:05:06.789Z",
        'JSPROP;JSPTR="google.com:people/birthdays/0/text":"15.4.1985"',
        ('JSPROP;JSPTR="google.com:people/birthdays/0/date":{"year":1985\\,"month":4\\,"day":15}'),
        (
            'JSPROP;JSPTR="google.com:people/memberships/0/contactGroupMembership":{"reso'
            'urceName":"contactGroups/myContacts"\\,"name":"myContacts"\\,"groupType":"SYST'
            'EM_CONTACT_GROUP"}'
        ),
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c100"',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:66e6e8a9-4db8-5bf2-a6ed-b6f5ed23ae5c",
        "FN:Anna Müller",
        "N:Müller;Anna;;;",
        "EMAIL;TYPE=HOME:anna@example.ch",
        "EMAIL;TYPE=WORK:a.mueller@firma.example",
        "TEL;TYPE=CELL:079 123 45 67",
        "ADR;TYPE=HOME;CC=CH;LABEL=Weg 1^n3000 Bern^nCH:;;Weg 1;Bern;;3000;CH",
        "ORG:Firma & Söhne",
        "TITLE:Leiterin\\, Einkauf",
        "BDAY:19850415",
        "REV:20260203T040506Z",
        'JSPROP;JSPTR="google.com:people/birthdays/0/text":"15.4.1985"',
        ('JSPROP;JSPTR="google.com:people/birthdays/0/date":{"year":1985\\,"month":4\\,"day":15}'),
        (
            'JSPROP;JSPTR="google.com:people/memberships/0/contactGroupMembership":{"reso'
            'urceName":"contactGroups/myContacts"\\,"name":"myContacts"\\,"groupType":"SYST'
            'EM_CONTACT_GROUP"}'
        ),
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c100"',
        "END:VCARD",
    ],
    fates_three=[
        "addresses[].city exact 1",
        "addresses[].country exact 1",
        "addresses[].countryCode extension 1",
        "addresses[].formattedValue exact 1",
        "addresses[].postalCode exact 1",
        "addresses[].streetAddress exact 1",
        "addresses[].type exact 1",
        "birthdays[].date.day exact 1",
        "birthdays[].date.month exact 1",
        "birthdays[].date.year exact 1",
        "birthdays[].text extension 1",
        "emailAddresses[].type exact 2",
        "emailAddresses[].value exact 2",
        "memberships[].contactGroupMembership.contactGroupResourceName extension 1",
        "names[].familyName exact 1",
        "names[].givenName exact 1",
        "names[].unstructuredName exact 1",
        "organizations[].name exact 1",
        "organizations[].title exact 1",
        "phoneNumbers[].type exact 1",
        "phoneNumbers[].value exact 1",
        "resourceName extension 1",
    ],
    fates_four=[
        "addresses[].city exact 1",
        "addresses[].country exact 1",
        "addresses[].countryCode exact 1",
        "addresses[].formattedValue exact 1",
        "addresses[].postalCode exact 1",
        "addresses[].streetAddress exact 1",
        "addresses[].type exact 1",
        "birthdays[].date.day exact 1",
        "birthdays[].date.month exact 1",
        "birthdays[].date.year exact 1",
        "birthdays[].text extension 1",
        "emailAddresses[].type exact 2",
        "emailAddresses[].value exact 2",
        "memberships[].contactGroupMembership.contactGroupResourceName extension 1",
        "names[].familyName exact 1",
        "names[].givenName exact 1",
        "names[].unstructuredName exact 1",
        "organizations[].name exact 1",
        "organizations[].title exact 1",
        "phoneNumbers[].type exact 1",
        "phoneNumbers[].value exact 1",
        "resourceName extension 1",
    ],
    returned={
        "connections": [
            {
                "resourceName": "people/c100",
                "emailAddresses": [
                    {
                        "value": "anna@example.ch",
                        "type": "home",
                    },
                    {
                        "value": "a.mueller@firma.example",
                        "type": "work",
                    },
                ],
                "phoneNumbers": [
                    {
                        "value": "079 123 45 67",
                        "type": "mobile",
                    },
                ],
                "addresses": [
                    {
                        "streetAddress": "Weg 1",
                        "city": "Bern",
                        "postalCode": "3000",
                        "country": "CH",
                        "countryCode": "CH",
                        "formattedValue": "Weg 1\n3000 Bern\nCH",
                        "type": "home",
                    },
                ],
                "organizations": [
                    {
                        "name": "Firma & Söhne",
                        "title": "Leiterin, Einkauf",
                    },
                ],
                "birthdays": [
                    {
                        "text": "15.4.1985",
                        "date": {
                            "year": 1985,
                            "month": 4,
                            "day": 15,
                        },
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Anna Müller",
                        "familyName": "Müller",
                        "givenName": "Anna",
                    },
                ],
                "memberships": [
                    {
                        "contactGroupMembership": {
                            "contactGroupResourceName": "contactGroups/myContacts",
                        },
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
        "contactGroups": [
            {
                "resourceName": "contactGroups/myContacts",
                "name": "myContacts",
                "groupType": "SYSTEM_CONTACT_GROUP",
            },
        ],
    },
)
