"""All the ways to reach somebody on the net."""

from __future__ import annotations

from tests.mappings.people.people import GoogleSample

SAMPLE = GoogleSample(
    document={
        "connections": [
            {
                "resourceName": "people/c103",
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
                        "givenName": "Max",
                        "familyName": "Net",
                    },
                ],
                "imClients": [
                    {
                        "username": "max@jabber.example",
                        "protocol": "jabber",
                        "type": "home",
                        "formattedProtocol": "Jabber",
                    },
                    {
                        "username": "@max:example.org",
                        "protocol": "matrix",
                    },
                    {
                        "username": "max, m",
                        "protocol": "googleTalk",
                        "type": "Büro",
                    },
                    {
                        "username": "12345",
                        "protocol": "icq",
                    },
                ],
                "sipAddresses": [
                    {
                        "value": "sip:max@sip.example",
                        "type": "mobile",
                    },
                    {
                        "value": "max@sip.example",
                    },
                ],
                "calendarUrls": [
                    {
                        "url": "https://cal.example/max",
                        "type": "home",
                    },
                    {
                        "url": "https://cal.example/fb",
                        "type": "freeBusy",
                    },
                    {
                        "url": "https://cal.example/x",
                        "type": "shared",
                    },
                ],
                "emailAddresses": [
                    {
                        "value": "max@net.example",
                        "displayName": "Max, the Net",
                        "type": "other",
                    },
                ],
                "genders": [
                    {
                        "value": "male",
                        "formattedValue": "Male",
                        "addressMeAs": "he/him",
                    },
                ],
                "locales": [
                    {
                        "value": "de-CH",
                    },
                ],
                "interests": [
                    {
                        "value": "nets, fish",
                    },
                ],
                "skills": [
                    {
                        "value": "knots",
                    },
                ],
                "occupations": [
                    {
                        "value": "fisher",
                    },
                ],
            },
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:8c9d88eb-2f41-5529-b730-ca0d466ecf19",
        "N:Net;Max;;;",
        "FN;DERIVED=TRUE:Max Net",
        "item1.EMAIL:max@net.example",
        "item1.X-ABLabel:_$!<Other>!$_",
        "IMPP;TYPE=HOME;X-SERVICE-TYPE=Jabber:xmpp:max@jabber.example",
        "IMPP;X-SERVICE-TYPE=matrix:x-apple:@max:example.org",
        "item2.IMPP;X-SERVICE-TYPE=GoogleTalk:xmpp:max%2C%20m",
        "item2.X-ABLabel:Büro",
        "IMPP;X-SERVICE-TYPE=ICQ:icq:12345",
        "IMPP;TYPE=MOBILE:sip:max@sip.example",
        "item3.IMPP:sip:max@sip.example",
        "item4.CALURI;TYPE=HOME:https://cal.example/max",
        "item5.FBURL:https://cal.example/fb",
        "item6.CALURI:https://cal.example/x",
        "item6.X-ABLabel:shared",
        "X-GENDER:male",
        "PRONOUNS:he/him",
        "INTEREST:nets\\, fish",
        "EXPERTISE:knots",
        "LANG:de-CH",
        "REV:2026-02-03T04:05:06.789Z",
        ('item1.JSPROP;JSPTR="google.com:people/emailAddresses/0/displayName":"Max\\, the Net"'),
        'item3.JSPROP;JSPTR="google.com:people/sipAddresses/1/value":"max@sip.example"',
        'item4.JSPROP;JSPTR="google.com:people/calendarUrls/0":{}',
        'item5.JSPROP;JSPTR="google.com:people/calendarUrls/1":{}',
        'item6.JSPROP;JSPTR="google.com:people/calendarUrls/2":{}',
        'JSPROP;JSPTR="google.com:people/occupations/0/value":"fisher"',
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c103"',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:8c9d88eb-2f41-5529-b730-ca0d466ecf19",
        "N:Net;Max;;;",
        "FN;DERIVED=TRUE:Max Net",
        "item1.EMAIL:max@net.example",
        "item1.X-ABLabel:_$!<Other>!$_",
        "IMPP;TYPE=HOME;SERVICE-TYPE=Jabber:xmpp:max@jabber.example",
        "IMPP;SERVICE-TYPE=matrix:x-apple:@max:example.org",
        "item2.IMPP;SERVICE-TYPE=GoogleTalk:xmpp:max%2C%20m",
        "item2.X-ABLabel:Büro",
        "IMPP;SERVICE-TYPE=ICQ:icq:12345",
        "IMPP;TYPE=MOBILE:sip:max@sip.example",
        "item3.IMPP:sip:max@sip.example",
        "item4.CALURI;TYPE=HOME:https://cal.example/max",
        "item5.FBURL:https://cal.example/fb",
        "item6.CALURI:https://cal.example/x",
        "item6.X-ABLabel:shared",
        "GENDER:M",
        "PRONOUNS:he/him",
        "INTEREST:nets\\, fish",
        "EXPERTISE:knots",
        "LANG:de-CH",
        "REV:20260203T040506Z",
        ('item1.JSPROP;JSPTR="google.com:people/emailAddresses/0/displayName":"Max\\, the Net"'),
        'item3.JSPROP;JSPTR="google.com:people/sipAddresses/1/value":"max@sip.example"',
        'item4.JSPROP;JSPTR="google.com:people/calendarUrls/0":{}',
        'item5.JSPROP;JSPTR="google.com:people/calendarUrls/1":{}',
        'item6.JSPROP;JSPTR="google.com:people/calendarUrls/2":{}',
        'JSPROP;JSPTR="google.com:people/occupations/0/value":"fisher"',
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c103"',
        "END:VCARD",
    ],
    fates_three=[
        "calendarUrls[].type exact 2",
        "calendarUrls[].type extension 1",
        "calendarUrls[].url exact 3",
        "emailAddresses[].displayName extension 1",
        "emailAddresses[].type extension 1",
        "emailAddresses[].value exact 1",
        "genders[].addressMeAs extension 1",
        "genders[].value extension 1",
        "imClients[].protocol exact 4",
        "imClients[].type exact 1",
        "imClients[].type extension 1",
        "imClients[].username exact 4",
        "interests[].value extension 1",
        "locales[].value extension 1",
        "names[].familyName exact 1",
        "names[].givenName exact 1",
        "occupations[].value extension 1",
        "resourceName extension 1",
        "sipAddresses[].type exact 1",
        "sipAddresses[].value exact 1",
        "sipAddresses[].value extension 1",
        "skills[].value extension 1",
    ],
    fates_four=[
        "calendarUrls[].type exact 2",
        "calendarUrls[].type extension 1",
        "calendarUrls[].url exact 3",
        "emailAddresses[].displayName extension 1",
        "emailAddresses[].type extension 1",
        "emailAddresses[].value exact 1",
        "genders[].addressMeAs exact 1",
        "genders[].value exact 1",
        "imClients[].protocol exact 4",
        "imClients[].type exact 1",
        "imClients[].type extension 1",
        "imClients[].username exact 4",
        "interests[].value exact 1",
        "locales[].value exact 1",
        "names[].familyName exact 1",
        "names[].givenName exact 1",
        "occupations[].value extension 1",
        "resourceName extension 1",
        "sipAddresses[].type exact 1",
        "sipAddresses[].value exact 1",
        "sipAddresses[].value extension 1",
        "skills[].value exact 1",
    ],
    returned={
        "connections": [
            {
                "resourceName": "people/c103",
                "emailAddresses": [
                    {
                        "value": "max@net.example",
                        "type": "other",
                        "displayName": "Max, the Net",
                    },
                ],
                "imClients": [
                    {
                        "username": "max@jabber.example",
                        "protocol": "jabber",
                        "type": "home",
                    },
                    {
                        "username": "@max:example.org",
                        "protocol": "matrix",
                    },
                    {
                        "username": "max, m",
                        "protocol": "googleTalk",
                        "type": "Büro",
                    },
                    {
                        "username": "12345",
                        "protocol": "icq",
                    },
                ],
                "sipAddresses": [
                    {
                        "value": "sip:max@sip.example",
                        "type": "mobile",
                    },
                    {
                        "value": "max@sip.example",
                    },
                ],
                "calendarUrls": [
                    {
                        "url": "https://cal.example/max",
                        "type": "home",
                    },
                    {
                        "url": "https://cal.example/fb",
                        "type": "freeBusy",
                    },
                    {
                        "url": "https://cal.example/x",
                        "type": "shared",
                    },
                ],
                "genders": [
                    {
                        "value": "male",
                        "addressMeAs": "he/him",
                    },
                ],
                "interests": [
                    {
                        "value": "nets, fish",
                    },
                ],
                "skills": [
                    {
                        "value": "knots",
                    },
                ],
                "locales": [
                    {
                        "value": "de-CH",
                    },
                ],
                "occupations": [
                    {
                        "value": "fisher",
                    },
                ],
                "names": [
                    {
                        "familyName": "Net",
                        "givenName": "Max",
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
