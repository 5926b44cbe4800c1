"""What only directories fill in: rooms, keywords, residences, ranges of age."""

from __future__ import annotations

from tests.mappings.people.people import GoogleSample

SAMPLE = GoogleSample(
    document={
        "connections": [
            {
                "resourceName": "people/c104",
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
                        "unstructuredName": "Prof. Dr. Ada Desk PhD",
                        "honorificPrefix": "Prof. Dr.",
                        "givenName": "Ada",
                        "familyName": "Desk",
                        "honorificSuffix": "PhD",
                        "phoneticGivenName": "eida",
                        "phoneticFullName": "eida desk",
                    },
                ],
                "locations": [
                    {
                        "value": "HQ",
                        "type": "desk",
                        "buildingId": "B1",
                        "floor": "3",
                        "floorSection": "A",
                        "deskCode": "3A-17",
                        "current": True,
                    },
                    {
                        "value": "Bern",
                        "type": "grewUp",
                    },
                ],
                "miscKeywords": [
                    {
                        "value": "k1, k2",
                        "type": "OUTLOOK_KEYWORD",
                    },
                    {
                        "value": "low",
                        "type": "OUTLOOK_PRIORITY",
                    },
                ],
                "residences": [
                    {
                        "value": "Bern",
                        "current": True,
                    },
                ],
                "ageRanges": [
                    {
                        "ageRange": "TWENTY_ONE_OR_OLDER",
                    },
                ],
                "ageRange": "TWENTY_ONE_OR_OLDER",
                "coverPhotos": [
                    {
                        "url": "https://lh3.example/cover",
                        "default": True,
                    },
                ],
                "taglines": [
                    {
                        "value": "sits",
                    },
                ],
                "braggingRights": [
                    {
                        "value": "sat long",
                    },
                ],
                "fileAses": [
                    {
                        "value": "Desk, Ada",
                    },
                ],
                "birthdays": [
                    {
                        "text": "im Mai",
                    },
                ],
                "memberships": [
                    {
                        "domainMembership": {
                            "inViewerDomain": True,
                        },
                    },
                ],
            },
        ],
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:58852b89-2c14-5fac-b445-4c8333974ddb",
        "FN:Prof. Dr. Ada Desk PhD",
        "N:Desk;Ada;;Prof. Dr.;PhD",
        "X-PHONETIC-FIRST-NAME:eida",
        "X-FILE-AS:Desk\\, Ada",
        "REV:2026-02-03T04:05:06.789Z",
        'JSPROP;JSPTR="google.com:people/names/0/phoneticFullName":"eida desk"',
        'JSPROP;JSPTR="google.com:people/birthdays/0/text":"im Mai"',
        'JSPROP;JSPTR="google.com:people/miscKeywords/0/value":"k1\\, k2"',
        'JSPROP;JSPTR="google.com:people/miscKeywords/0/type":"OUTLOOK_KEYWORD"',
        'JSPROP;JSPTR="google.com:people/miscKeywords/1/value":"low"',
        'JSPROP;JSPTR="google.com:people/miscKeywords/1/type":"OUTLOOK_PRIORITY"',
        'JSPROP;JSPTR="google.com:people/locations/0/value":"HQ"',
        'JSPROP;JSPTR="google.com:people/locations/0/type":"desk"',
        'JSPROP;JSPTR="google.com:people/locations/0/buildingId":"B1"',
        'JSPROP;JSPTR="google.com:people/locations/0/floor":"3"',
        'JSPROP;JSPTR="google.com:people/locations/0/floorSection":"A"',
        'JSPROP;JSPTR="google.com:people/locations/0/deskCode":"3A-17"',
        'JSPROP;JSPTR="google.com:people/locations/0/current":true',
        'JSPROP;JSPTR="google.com:people/locations/1/value":"Bern"',
        'JSPROP;JSPTR="google.com:people/locations/1/type":"grewUp"',
        'JSPROP;JSPTR="google.com:people/coverPhotos/0/url":"https://lh3.example/cover"',
        'JSPROP;JSPTR="google.com:people/coverPhotos/0/default":true',
        'JSPROP;JSPTR="google.com:people/residences/0/value":"Bern"',
        'JSPROP;JSPTR="google.com:people/residences/0/current":true',
        'JSPROP;JSPTR="google.com:people/braggingRights/0/value":"sat long"',
        'JSPROP;JSPTR="google.com:people/taglines/0/value":"sits"',
        'JSPROP;JSPTR="google.com:people/ageRanges/0/ageRange":"TWENTY_ONE_OR_OLDER"',
        ('JSPROP;JSPTR="google.com:people/memberships/0/domainMembership":{"inViewerDomain":true}'),
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c104"',
        'JSPROP;JSPTR="google.com:people/ageRange":"TWENTY_ONE_OR_OLDER"',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:58852b89-2c14-5fac-b445-4c8333974ddb",
        "FN:Prof. Dr. Ada Desk PhD",
        "N:Desk;Ada;;Prof. Dr.;PhD",
        "X-PHONETIC-FIRST-NAME:eida",
        "X-FILE-AS:Desk\\, Ada",
        "BDAY;VALUE=text:im Mai",
        "REV:20260203T040506Z",
        'JSPROP;JSPTR="google.com:people/names/0/phoneticFullName":"eida desk"',
        'JSPROP;JSPTR="google.com:people/miscKeywords/0/value":"k1\\, k2"',
        'JSPROP;JSPTR="google.com:people/miscKeywords/0/type":"OUTLOOK_KEYWORD"',
        'JSPROP;JSPTR="google.com:people/miscKeywords/1/value":"low"',
        'JSPROP;JSPTR="google.com:people/miscKeywords/1/type":"OUTLOOK_PRIORITY"',
        'JSPROP;JSPTR="google.com:people/locations/0/value":"HQ"',
        'JSPROP;JSPTR="google.com:people/locations/0/type":"desk"',
        'JSPROP;JSPTR="google.com:people/locations/0/buildingId":"B1"',
        'JSPROP;JSPTR="google.com:people/locations/0/floor":"3"',
        'JSPROP;JSPTR="google.com:people/locations/0/floorSection":"A"',
        'JSPROP;JSPTR="google.com:people/locations/0/deskCode":"3A-17"',
        'JSPROP;JSPTR="google.com:people/locations/0/current":true',
        'JSPROP;JSPTR="google.com:people/locations/1/value":"Bern"',
        'JSPROP;JSPTR="google.com:people/locations/1/type":"grewUp"',
        'JSPROP;JSPTR="google.com:people/coverPhotos/0/url":"https://lh3.example/cover"',
        'JSPROP;JSPTR="google.com:people/coverPhotos/0/default":true',
        'JSPROP;JSPTR="google.com:people/residences/0/value":"Bern"',
        'JSPROP;JSPTR="google.com:people/residences/0/current":true',
        'JSPROP;JSPTR="google.com:people/braggingRights/0/value":"sat long"',
        'JSPROP;JSPTR="google.com:people/taglines/0/value":"sits"',
        'JSPROP;JSPTR="google.com:people/ageRanges/0/ageRange":"TWENTY_ONE_OR_OLDER"',
        ('JSPROP;JSPTR="google.com:people/memberships/0/domainMembership":{"inViewerDomain":true}'),
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c104"',
        'JSPROP;JSPTR="google.com:people/ageRange":"TWENTY_ONE_OR_OLDER"',
        "END:VCARD",
    ],
    fates_three=[
        "ageRange extension 1",
        "ageRanges[].ageRange extension 1",
        "birthdays[].text extension 1",
        "braggingRights[].value extension 1",
        "coverPhotos[].default extension 1",
        "coverPhotos[].url extension 1",
        "fileAses[].value extension 1",
        "locations[].buildingId extension 1",
        "locations[].current extension 1",
        "locations[].deskCode extension 1",
        "locations[].floor extension 1",
        "locations[].floorSection extension 1",
        "locations[].type extension 2",
        "locations[].value extension 2",
        "memberships[].domainMembership.inViewerDomain extension 1",
        "miscKeywords[].type extension 2",
        "miscKeywords[].value extension 2",
        "names[].familyName exact 1",
        "names[].givenName exact 1",
        "names[].honorificPrefix exact 1",
        "names[].honorificSuffix exact 1",
        "names[].phoneticFullName extension 1",
        "names[].phoneticGivenName extension 1",
        "names[].unstructuredName exact 1",
        "residences[].current extension 1",
        "residences[].value extension 1",
        "resourceName extension 1",
        "taglines[].value extension 1",
    ],
    fates_four=[
        "ageRange extension 1",
        "ageRanges[].ageRange extension 1",
        "birthdays[].text exact 1",
        "braggingRights[].value extension 1",
        "coverPhotos[].default extension 1",
        "coverPhotos[].url extension 1",
        "fileAses[].value extension 1",
        "locations[].buildingId extension 1",
        "locations[].current extension 1",
        "locations[].deskCode extension 1",
        "locations[].floor extension 1",
        "locations[].floorSection extension 1",
        "locations[].type extension 2",
        "locations[].value extension 2",
        "memberships[].domainMembership.inViewerDomain extension 1",
        "miscKeywords[].type extension 2",
        "miscKeywords[].value extension 2",
        "names[].familyName exact 1",
        "names[].givenName exact 1",
        "names[].honorificPrefix exact 1",
        "names[].honorificSuffix exact 1",
        "names[].phoneticFullName extension 1",
        "names[].phoneticGivenName extension 1",
        "names[].unstructuredName exact 1",
        "residences[].current extension 1",
        "residences[].value extension 1",
        "resourceName extension 1",
        "taglines[].value extension 1",
    ],
    returned={
        "connections": [
            {
                "resourceName": "people/c104",
                "ageRange": "TWENTY_ONE_OR_OLDER",
                "fileAses": [
                    {
                        "value": "Desk, Ada",
                    },
                ],
                "birthdays": [
                    {
                        "text": "im Mai",
                    },
                ],
                "miscKeywords": [
                    {
                        "value": "k1, k2",
                        "type": "OUTLOOK_KEYWORD",
                    },
                    {
                        "value": "low",
                        "type": "OUTLOOK_PRIORITY",
                    },
                ],
                "locations": [
                    {
                        "value": "HQ",
                        "type": "desk",
                        "buildingId": "B1",
                        "floor": "3",
                        "floorSection": "A",
                        "deskCode": "3A-17",
                        "current": True,
                    },
                    {
                        "value": "Bern",
                        "type": "grewUp",
                    },
                ],
                "coverPhotos": [
                    {
                        "url": "https://lh3.example/cover",
                        "default": True,
                    },
                ],
                "residences": [
                    {
                        "value": "Bern",
                        "current": True,
                    },
                ],
                "braggingRights": [
                    {
                        "value": "sat long",
                    },
                ],
                "taglines": [
                    {
                        "value": "sits",
                    },
                ],
                "ageRanges": [
                    {
                        "ageRange": "TWENTY_ONE_OR_OLDER",
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Prof. Dr. Ada Desk PhD",
                        "familyName": "Desk",
                        "givenName": "Ada",
                        "honorificPrefix": "Prof. Dr.",
                        "honorificSuffix": "PhD",
                        "phoneticGivenName": "eida",
                        "phoneticFullName": "eida desk",
                    },
                ],
                "memberships": [
                    {
                        "domainMembership": {
                            "inViewerDomain": True,
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
    },
)
