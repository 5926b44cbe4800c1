"""A company without a person: the name of the card is derived and marked so."""

from __future__ import annotations

from tests.mappings.people.people import GoogleSample

SAMPLE = GoogleSample(
    document={
        "connections": [
            {
                "resourceName": "people/c102",
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
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "name": "ACME; Sons",
                        "department": "Sales, East",
                        "symbol": "ACM",
                        "domain": "acme.example",
                        "location": "Plant 7",
                        "costCenter": "CC-1",
                        "fullTimeEquivalentMillipercent": 80000,
                        "current": True,
                        "startDate": {
                            "year": 2001,
                            "month": 2,
                        },
                        "type": "work",
                    },
                ],
                "phoneNumbers": [
                    {
                        "value": "1",
                        "type": "main",
                    },
                    {
                        "value": "2",
                        "type": "workFax",
                    },
                    {
                        "value": "3",
                        "type": "Lager",
                    },
                    {
                        "value": "4",
                        "type": "googleVoice",
                    },
                ],
                "urls": [
                    {
                        "value": "https://acme.example/?q=a,b;c",
                        "type": "homePage",
                    },
                    {
                        "value": "https://blog.example",
                        "type": "blog",
                    },
                ],
                "addresses": [
                    {
                        "formattedValue": "Plant 7\nSomewhere",
                        "type": "work",
                    },
                ],
                "userDefined": [
                    {
                        "key": "Kundennr.",
                        "value": "4711",
                    },
                    {
                        "key": "Kundennr.",
                        "value": "4712",
                    },
                ],
                "clientData": [
                    {
                        "key": "app",
                        "value": '{"a": [1, 2]}',
                    },
                ],
                "externalIds": [
                    {
                        "value": "X1",
                        "type": "customer",
                    },
                ],
            },
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:acd4f704-fdb0-5e5e-944e-3981e757bcb1",
        "N:;;;;",
        "FN;DERIVED=TRUE:ACME\\; Sons",
        "TEL;TYPE=MAIN:1",
        "TEL;TYPE=WORK,FAX:2",
        "item1.TEL:3",
        "item1.X-ABLabel:Lager",
        "item2.TEL:4",
        "item2.X-ABLabel:googleVoice",
        "item3.ADR;TYPE=WORK:;;Plant 7\\nSomewhere;;;;",
        "item3.LABEL:Plant 7\\nSomewhere",
        "item4.ORG;TYPE=WORK:ACME\\; Sons;Sales\\, East",
        "item5.URL:https://acme.example/?q=a%2Cb;c",
        "item5.X-ABLabel:_$!<HomePage>!$_",
        "item6.URL:https://blog.example",
        "item6.X-ABLabel:blog",
        "REV:2026-02-03T04:05:06.789Z",
        'item3.JSPROP;JSPTR="google.com:people/addresses/0/streetAddress":null',
        'item4.JSPROP;JSPTR="google.com:people/organizations/0/symbol":"ACM"',
        'item4.JSPROP;JSPTR="google.com:people/organizations/0/domain":"acme.example"',
        'item4.JSPROP;JSPTR="google.com:people/organizations/0/location":"Plant 7"',
        'item4.JSPROP;JSPTR="google.com:people/organizations/0/costCenter":"CC-1"',
        ('item4.JSPROP;JSPTR="google.com:people/organizations/0/fullTimeEquivalentMillipercent":80000'),
        'item4.JSPROP;JSPTR="google.com:people/organizations/0/current":true',
        ('item4.JSPROP;JSPTR="google.com:people/organizations/0/startDate":{"year":2001\\,"month":2}'),
        ('item5.JSPROP;JSPTR="google.com:people/urls/0/value":"https://acme.example/?q=a\\,b\\;c"'),
        'JSPROP;JSPTR="google.com:people/userDefined/0/key":"Kundennr."',
        'JSPROP;JSPTR="google.com:people/userDefined/0/value":"4711"',
        'JSPROP;JSPTR="google.com:people/userDefined/1/key":"Kundennr."',
        'JSPROP;JSPTR="google.com:people/userDefined/1/value":"4712"',
        'JSPROP;JSPTR="google.com:people/externalIds/0/value":"X1"',
        'JSPROP;JSPTR="google.com:people/externalIds/0/type":"customer"',
        'JSPROP;JSPTR="google.com:people/clientData/0/key":"app"',
        'JSPROP;JSPTR="google.com:people/clientData/0/value":"{\\\\"a\\\\": [1\\, 2]}"',
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c102"',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:acd4f704-fdb0-5e5e-944e-3981e757bcb1",
        "N:;;;;",
        "FN;DERIVED=TRUE:ACME\\; Sons",
        "TEL;TYPE=MAIN:1",
        "TEL;TYPE=WORK,FAX:2",
        "item1.TEL:3",
        "item1.X-ABLabel:Lager",
        "item2.TEL:4",
        "item2.X-ABLabel:googleVoice",
        "item3.ADR;TYPE=WORK;LABEL=Plant 7^nSomewhere:;;Plant 7\\nSomewhere;;;;",
        "item4.ORG;TYPE=WORK:ACME\\; Sons;Sales\\, East",
        "item5.URL:https://acme.example/?q=a%2Cb;c",
        "item5.X-ABLabel:_$!<HomePage>!$_",
        "item6.URL:https://blog.example",
        "item6.X-ABLabel:blog",
        "REV:20260203T040506Z",
        'item3.JSPROP;JSPTR="google.com:people/addresses/0/streetAddress":null',
        'item4.JSPROP;JSPTR="google.com:people/organizations/0/symbol":"ACM"',
        'item4.JSPROP;JSPTR="google.com:people/organizations/0/domain":"acme.example"',
        'item4.JSPROP;JSPTR="google.com:people/organizations/0/location":"Plant 7"',
        'item4.JSPROP;JSPTR="google.com:people/organizations/0/costCenter":"CC-1"',
        ('item4.JSPROP;JSPTR="google.com:people/organizations/0/fullTimeEquivalentMillipercent":80000'),
        'item4.JSPROP;JSPTR="google.com:people/organizations/0/current":true',
        ('item4.JSPROP;JSPTR="google.com:people/organizations/0/startDate":{"year":2001\\,"month":2}'),
        ('item5.JSPROP;JSPTR="google.com:people/urls/0/value":"https://acme.example/?q=a\\,b\\;c"'),
        'JSPROP;JSPTR="google.com:people/userDefined/0/key":"Kundennr."',
        'JSPROP;JSPTR="google.com:people/userDefined/0/value":"4711"',
        'JSPROP;JSPTR="google.com:people/userDefined/1/key":"Kundennr."',
        'JSPROP;JSPTR="google.com:people/userDefined/1/value":"4712"',
        'JSPROP;JSPTR="google.com:people/externalIds/0/value":"X1"',
        'JSPROP;JSPTR="google.com:people/externalIds/0/type":"customer"',
        'JSPROP;JSPTR="google.com:people/clientData/0/key":"app"',
        'JSPROP;JSPTR="google.com:people/clientData/0/value":"{\\\\"a\\\\": [1\\, 2]}"',
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c102"',
        "END:VCARD",
    ],
    fates_three=[
        "addresses[].formattedValue exact 1",
        "addresses[].type exact 1",
        "clientData[].key extension 1",
        "clientData[].value extension 1",
        "externalIds[].type extension 1",
        "externalIds[].value extension 1",
        "organizations[].costCenter extension 1",
        "organizations[].current extension 1",
        "organizations[].department exact 1",
        "organizations[].domain extension 1",
        "organizations[].fullTimeEquivalentMillipercent extension 1",
        "organizations[].location extension 1",
        "organizations[].name exact 1",
        "organizations[].startDate.month extension 1",
        "organizations[].startDate.year extension 1",
        "organizations[].symbol extension 1",
        "organizations[].type exact 1",
        "phoneNumbers[].type exact 2",
        "phoneNumbers[].type extension 2",
        "phoneNumbers[].value exact 4",
        "resourceName extension 1",
        "urls[].type extension 2",
        "urls[].value exact 1",
        "urls[].value extension 1",
        "userDefined[].key extension 2",
        "userDefined[].value extension 2",
    ],
    fates_four=[
        "addresses[].formattedValue exact 1",
        "addresses[].type exact 1",
        "clientData[].key extension 1",
        "clientData[].value extension 1",
        "externalIds[].type extension 1",
        "externalIds[].value extension 1",
        "organizations[].costCenter extension 1",
        "organizations[].current extension 1",
        "organizations[].department exact 1",
        "organizations[].domain extension 1",
        "organizations[].fullTimeEquivalentMillipercent extension 1",
        "organizations[].location extension 1",
        "organizations[].name exact 1",
        "organizations[].startDate.month extension 1",
        "organizations[].startDate.year extension 1",
        "organizations[].symbol extension 1",
        "organizations[].type exact 1",
        "phoneNumbers[].type exact 2",
        "phoneNumbers[].type extension 2",
        "phoneNumbers[].value exact 4",
        "resourceName extension 1",
        "urls[].type extension 2",
        "urls[].value exact 1",
        "urls[].value extension 1",
        "userDefined[].key extension 2",
        "userDefined[].value extension 2",
    ],
    returned={
        "connections": [
            {
                "resourceName": "people/c102",
                "phoneNumbers": [
                    {
                        "value": "1",
                        "type": "main",
                    },
                    {
                        "value": "2",
                        "type": "workFax",
                    },
                    {
                        "value": "3",
                        "type": "Lager",
                    },
                    {
                        "value": "4",
                        "type": "googleVoice",
                    },
                ],
                "addresses": [
                    {
                        "formattedValue": "Plant 7\nSomewhere",
                        "type": "work",
                    },
                ],
                "organizations": [
                    {
                        "name": "ACME; Sons",
                        "department": "Sales, East",
                        "type": "work",
                        "symbol": "ACM",
                        "domain": "acme.example",
                        "location": "Plant 7",
                        "costCenter": "CC-1",
                        "fullTimeEquivalentMillipercent": 80000,
                        "current": True,
                        "startDate": {
                            "year": 2001,
                            "month": 2,
                        },
                    },
                ],
                "urls": [
                    {
                        "type": "homePage",
                        "value": "https://acme.example/?q=a,b;c",
                    },
                    {
                        "value": "https://blog.example",
                        "type": "blog",
                    },
                ],
                "userDefined": [
                    {
                        "key": "Kundennr.",
                        "value": "4711",
                    },
                    {
                        "key": "Kundennr.",
                        "value": "4712",
                    },
                ],
                "externalIds": [
                    {
                        "value": "X1",
                        "type": "customer",
                    },
                ],
                "clientData": [
                    {
                        "key": "app",
                        "value": '{"a": [1, 2]}',
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
