"""A company: no person's name, two organizations, an address in one piece."""

from __future__ import annotations

from tests.mappings.people.people import Sample

SAMPLE = Sample(
    version="3.0",
    card=[
        "UID:c0ffee",
        "N:;;;;",
        "FN:ACME\\, Inc.",
        "ORG:ACME\\, Inc.",
        "X-ABShowAs:COMPANY",
        "TEL;TYPE=MAIN:1",
        "TEL;TYPE=WORK;TYPE=FAX:2",
        "EMAIL:info@acme.example",
        "ADR;TYPE=WORK:;;Plant 7;;;;",
        "item1.ORG:Sub;East",
        "item1.TITLE:Branch",
        "item1.X-NOTE:kept with its group",
        "URL:https://acme.example/?a=1\\,2;b",
        "LABEL;TYPE=WORK:Plant 7\\nSomewhere",
        "AGENT;VALUE=uri:CID:x",
        "SOURCE:ldap://x",
        "NAME:n",
        "MAILER:m",
        "SORT-STRING:ACME",
    ],
    document={
        "connections": [
            {
                "emailAddresses": [
                    {
                        "value": "info@acme.example",
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
                ],
                "addresses": [
                    {
                        "streetAddress": "Plant 7",
                        "type": "work",
                    },
                ],
                "organizations": [
                    {
                        "name": "ACME, Inc.",
                    },
                    {
                        "name": "Sub",
                        "department": "East",
                        "title": "Branch",
                    },
                ],
                "urls": [
                    {
                        "value": "https://acme.example/?a=1,2;b",
                    },
                ],
            },
        ],
        "vcardLines": [
            "VERSION:3.0",
            "UID:c0ffee",
            "N:;;;;",
            "FN:ACME\\, Inc.",
            "ORG:ACME\\, Inc.",
            "X-ABShowAs:COMPANY",
            "ADR;TYPE=WORK:;;Plant 7;;;;",
            "item1.ORG:Sub;East",
            "item1.TITLE:Branch",
            "item1.X-NOTE:kept with its group",
            "URL:https://acme.example/?a=1\\,2;b",
            "LABEL;TYPE=WORK:Plant 7\\nSomewhere",
            "AGENT;VALUE=uri:CID:x",
            "SOURCE:ldap://x",
            "NAME:n",
            "MAILER:m",
            "SORT-STRING:ACME",
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:a2ac6c10-ed8c-5695-a618-c04cb7f1fd72",
        "N:;;;;",
        "FN;DERIVED=TRUE:ACME\\, Inc.",
        "EMAIL:info@acme.example",
        "TEL;TYPE=MAIN:1",
        "TEL;TYPE=WORK,FAX:2",
        "ADR;TYPE=WORK:;;Plant 7;;;;",
        "item1.ORG:ACME\\, Inc.",
        "item2.ORG:Sub;East",
        "item2.TITLE:Branch",
        "item3.URL:https://acme.example/?a=1%2C2;b",
        ('item3.JSPROP;JSPTR="google.com:people/urls/0/value":"https://acme.example/?a=1\\,2\\;b"'),
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:a2ac6c10-ed8c-5695-a618-c04cb7f1fd72",
        "N:;;;;",
        "FN;DERIVED=TRUE:ACME\\, Inc.",
        "EMAIL:info@acme.example",
        "TEL;TYPE=MAIN:1",
        "TEL;TYPE=WORK,FAX:2",
        "ADR;TYPE=WORK:;;Plant 7;;;;",
        "item1.ORG:ACME\\, Inc.",
        "item2.ORG:Sub;East",
        "item2.TITLE:Branch",
        "item3.URL:https://acme.example/?a=1%2C2;b",
        ('item3.JSPROP;JSPTR="google.com:people/urls/0/value":"https://acme.example/?a=1\\,2\\;b"'),
        "END:VCARD",
    ],
)
