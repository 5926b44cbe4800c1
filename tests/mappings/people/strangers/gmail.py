"""An export of Gmail (as ez-vcard's samples show): commas bare, colons escaped, custom fields in the note."""

from __future__ import annotations

from tests.mappings.people.people import Sample

SAMPLE = Sample(
    version="3.0",
    card=[
        "FN:Mr. John Richter, James Doe Sr.",
        "N:Richter;John;;Mr.;Sr.",
        "NICKNAME:Johny",
        "EMAIL;TYPE=INTERNET;TYPE=WORK:john.richter@work.example",
        "EMAIL;TYPE=INTERNET;TYPE=HOME:john@home.example",
        "item1.EMAIL;TYPE=INTERNET:john@x.example",
        "item1.X-ABLabel:Spam",
        "TEL;TYPE=CELL:905-555-1234",
        "TEL;TYPE=WORK:905-666-1234",
        "item2.TEL:905-777",
        "item2.X-ABLabel:grandcentral",
        ("ADR;TYPE=HOME:;Crescent moon drive\\n555-asd\\nNice Area\\, Albaney;;;United States of America;;"),
        "item3.ADR:;;Plaza 9;Town;ST;1;Land",
        "item3.X-ABLabel:Lager",
        "ORG:TheCompany",
        "TITLE:TheJobTitle",
        "BDAY:1960-09-10",
        "item4.X-ABDATE:1970-06-02",
        "item4.X-ABLabel:_$!<Anniversary>!$_",
        "item5.X-ABRELATEDNAMES:Jenny",
        "item5.X-ABLabel:_$!<Spouse>!$_",
        "URL:http\\://www.ibm.com",
        "item6.URL:http\\://profile.example",
        "item6.X-ABLabel:PROFILE",
        (
            "NOTE:This is GMail's note field, with a comma.\\nIt should be added as a NOTE"
            " type.\\nACustomField\\: CustomField"
        ),
        "X-PHONETIC-FIRST-NAME:Jon",
        "X-PHONETIC-LAST-NAME:Dow",
        "CATEGORIES:myContacts,Chor",
    ],
    document={
        "connections": [
            {
                "nicknames": [
                    {
                        "value": "Johny",
                    },
                ],
                "emailAddresses": [
                    {
                        "value": "john.richter@work.example",
                        "type": "work",
                    },
                    {
                        "value": "john@home.example",
                        "type": "home",
                    },
                    {
                        "value": "john@x.example",
                        "type": "Spam",
                    },
                ],
                "phoneNumbers": [
                    {
                        "value": "905-555-1234",
                        "type": "mobile",
                    },
                    {
                        "value": "905-666-1234",
                        "type": "work",
                    },
                    {
                        "value": "905-777",
                        "type": "grandcentral",
                    },
                ],
                "addresses": [
                    {
                        "extendedAddress": "Crescent moon drive\n555-asd\nNice Area, Albaney",
                        "region": "United States of America",
                        "type": "home",
                    },
                    {
                        "streetAddress": "Plaza 9",
                        "city": "Town",
                        "region": "ST",
                        "postalCode": "1",
                        "country": "Land",
                        "type": "Lager",
                    },
                ],
                "organizations": [
                    {
                        "name": "TheCompany",
                        "title": "TheJobTitle",
                    },
                ],
                "birthdays": [
                    {
                        "date": {
                            "year": 1960,
                            "month": 9,
                            "day": 10,
                        },
                    },
                ],
                "events": [
                    {
                        "date": {
                            "year": 1970,
                            "month": 6,
                            "day": 2,
                        },
                        "type": "anniversary",
                    },
                ],
                "relations": [
                    {
                        "person": "Jenny",
                        "type": "spouse",
                    },
                ],
                "urls": [
                    {
                        "value": "http://www.ibm.com",
                    },
                    {
                        "value": "http://profile.example",
                        "type": "PROFILE",
                    },
                ],
                "biographies": [
                    {
                        "value": (
                            "This is GMail's note field, with a comma.\nIt should be added"
                            " as a NOTE type.\nACustomField: CustomField"
                        ),
                        "contentType": "TEXT_PLAIN",
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Mr. John Richter, James Doe Sr.",
                        "familyName": "Richter",
                        "givenName": "John",
                        "honorificPrefix": "Mr.",
                        "honorificSuffix": "Sr.",
                        "phoneticGivenName": "Jon",
                        "phoneticFamilyName": "Dow",
                    },
                ],
                "memberships": [
                    {
                        "contactGroupMembership": {
                            "contactGroupResourceName": "contactGroups/new:myContacts",
                        },
                    },
                    {
                        "contactGroupMembership": {
                            "contactGroupResourceName": "contactGroups/new:Chor",
                        },
                    },
                ],
            },
        ],
        "contactGroups": [
            {
                "resourceName": "contactGroups/new:myContacts",
                "name": "myContacts",
                "groupType": "USER_CONTACT_GROUP",
            },
            {
                "resourceName": "contactGroups/new:Chor",
                "name": "Chor",
                "groupType": "USER_CONTACT_GROUP",
            },
        ],
        "vcardLines": [
            "VERSION:3.0",
            "EMAIL;TYPE=INTERNET;TYPE=WORK:john.richter@work.example",
            "EMAIL;TYPE=INTERNET;TYPE=HOME:john@home.example",
            "item1.EMAIL;TYPE=INTERNET:john@x.example",
            "item1.X-ABLabel:Spam",
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:ebdd8b56-721f-571b-a8cb-ef51f47b1856",
        "FN:Mr. John Richter\\, James Doe Sr.",
        "N:Richter;John;;Mr.;Sr.",
        "X-PHONETIC-FIRST-NAME:Jon",
        "X-PHONETIC-LAST-NAME:Dow",
        "NICKNAME:Johny",
        "EMAIL;TYPE=WORK:john.richter@work.example",
        "EMAIL;TYPE=HOME:john@home.example",
        "item1.EMAIL:john@x.example",
        "item1.X-ABLabel:Spam",
        "TEL;TYPE=CELL:905-555-1234",
        "TEL;TYPE=WORK:905-666-1234",
        "item2.TEL:905-777",
        "item2.X-ABLabel:grandcentral",
        ("ADR;TYPE=HOME:;Crescent moon drive\\n555-asd\\nNice Area\\, Albaney;;;United States of America;;"),
        "item3.ADR:;;Plaza 9;Town;ST;1;Land",
        "item3.X-ABLabel:Lager",
        "ORG:TheCompany",
        "TITLE:TheJobTitle",
        "BDAY:1960-09-10",
        "item4.X-ABDATE:1970-06-02",
        "item4.X-ABLabel:_$!<Anniversary>!$_",
        "item5.X-ABRELATEDNAMES:Jenny",
        "item5.X-ABLabel:_$!<Spouse>!$_",
        "URL:http://www.ibm.com",
        "item6.URL:http://profile.example",
        "item6.X-ABLabel:PROFILE",
        (
            "NOTE:This is GMail's note field\\, with a comma.\\nIt should be added as a NOT"
            "E type.\\nACustomField: CustomField"
        ),
        "CATEGORIES:myContacts,Chor",
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:ebdd8b56-721f-571b-a8cb-ef51f47b1856",
        "FN:Mr. John Richter\\, James Doe Sr.",
        "N:Richter;John;;Mr.;Sr.",
        "X-PHONETIC-FIRST-NAME:Jon",
        "X-PHONETIC-LAST-NAME:Dow",
        "NICKNAME:Johny",
        "EMAIL;TYPE=WORK:john.richter@work.example",
        "EMAIL;TYPE=HOME:john@home.example",
        "item1.EMAIL:john@x.example",
        "item1.X-ABLabel:Spam",
        "TEL;TYPE=CELL:905-555-1234",
        "TEL;TYPE=WORK:905-666-1234",
        "item2.TEL:905-777",
        "item2.X-ABLabel:grandcentral",
        ("ADR;TYPE=HOME:;Crescent moon drive\\n555-asd\\nNice Area\\, Albaney;;;United States of America;;"),
        "item3.ADR:;;Plaza 9;Town;ST;1;Land",
        "item3.X-ABLabel:Lager",
        "ORG:TheCompany",
        "TITLE:TheJobTitle",
        "BDAY:19600910",
        "ANNIVERSARY:19700602",
        "RELATED;TYPE=SPOUSE;VALUE=text:Jenny",
        "URL:http://www.ibm.com",
        "item4.URL:http://profile.example",
        "item4.X-ABLabel:PROFILE",
        (
            "NOTE:This is GMail's note field\\, with a comma.\\nIt should be added as a NOT"
            "E type.\\nACustomField: CustomField"
        ),
        "CATEGORIES:myContacts,Chor",
        "END:VCARD",
    ],
)
