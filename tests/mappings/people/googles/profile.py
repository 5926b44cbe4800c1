"""A contact joined with a profile: what is the profile's comes back as the profile's."""

from __future__ import annotations

from tests.mappings.people.people import GoogleSample

SAMPLE = GoogleSample(
    document={
        "connections": [
            {
                "resourceName": "people/c105",
                "metadata": {
                    "sources": [
                        {
                            "type": "CONTACT",
                            "id": "1",
                            "etag": "#a",
                            "updateTime": "2026-02-03T04:05:06Z",
                        },
                        {
                            "type": "PROFILE",
                            "id": "2",
                            "etag": "#b",
                            "profileMetadata": {
                                "objectType": "PERSON",
                                "userTypes": [
                                    "GOOGLE_USER",
                                ],
                            },
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
                        "unstructuredName": "Pia",
                        "givenName": "Pia",
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "PROFILE",
                                "id": "2",
                            },
                        },
                        "unstructuredName": "Pia Profil",
                        "givenName": "Pia",
                        "familyName": "Profil",
                    },
                ],
                "emailAddresses": [
                    {
                        "metadata": {
                            "primary": True,
                            "verified": True,
                            "source": {
                                "type": "PROFILE",
                                "id": "2",
                            },
                        },
                        "value": "pia@gmail.example",
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "value": "pia@home.example",
                        "type": "home",
                    },
                ],
                "photos": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "PROFILE",
                                "id": "2",
                            },
                        },
                        "url": "https://lh3.example/pia",
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "url": "https://lh3.example/d",
                        "default": True,
                    },
                ],
            },
        ],
        "photos": {
            "https://lh3.example/pia": {
                "mediaType": "image/jpeg",
                "data": "/9j/4AAQ",
            },
        },
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:139c03df-a2e0-5fe3-b7fc-a4cb97566768",
        "FN:Pia",
        "N:;Pia;;;",
        "item1.EMAIL:pia@gmail.example",
        "EMAIL;TYPE=HOME:pia@home.example",
        "item2.PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ",
        "REV:2026-02-03T04:05:06Z",
        'JSPROP;JSPTR="google.com:people/names/1/unstructuredName":"Pia Profil"',
        'JSPROP;JSPTR="google.com:people/names/1/givenName":"Pia"',
        'JSPROP;JSPTR="google.com:people/names/1/familyName":"Profil"',
        'JSPROP;JSPTR="google.com:people/names/1/metadata":{"source":{"type":"PROFILE"}}',
        ('item1.JSPROP;JSPTR="google.com:people/emailAddresses/0/metadata":{"source":{"type":"PROFILE"}}'),
        ('item2.JSPROP;JSPTR="google.com:people/photos/0/metadata":{"source":{"type":"PROFILE"}}'),
        'item2.JSPROP;JSPTR="google.com:people/photos/0/url":"https://lh3.example/pia"',
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c105"',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:139c03df-a2e0-5fe3-b7fc-a4cb97566768",
        "FN:Pia",
        "N:;Pia;;;",
        "item1.EMAIL:pia@gmail.example",
        "EMAIL;TYPE=HOME:pia@home.example",
        "item2.PHOTO:data:image/jpeg;base64,/9j/4AAQ",
        "REV:20260203T040506Z",
        'JSPROP;JSPTR="google.com:people/names/1/unstructuredName":"Pia Profil"',
        'JSPROP;JSPTR="google.com:people/names/1/givenName":"Pia"',
        'JSPROP;JSPTR="google.com:people/names/1/familyName":"Profil"',
        'JSPROP;JSPTR="google.com:people/names/1/metadata":{"source":{"type":"PROFILE"}}',
        ('item1.JSPROP;JSPTR="google.com:people/emailAddresses/0/metadata":{"source":{"type":"PROFILE"}}'),
        ('item2.JSPROP;JSPTR="google.com:people/photos/0/metadata":{"source":{"type":"PROFILE"}}'),
        'item2.JSPROP;JSPTR="google.com:people/photos/0/url":"https://lh3.example/pia"',
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c105"',
        "END:VCARD",
    ],
    fates_three=[
        "emailAddresses[].metadata.source.type extension 1",
        "emailAddresses[].type exact 1",
        "emailAddresses[].value exact 2",
        "names[].familyName extension 1",
        "names[].givenName exact 1",
        "names[].givenName extension 1",
        "names[].metadata.source.type extension 1",
        "names[].unstructuredName exact 1",
        "names[].unstructuredName extension 1",
        "photos[].url exact 1",
        "resourceName extension 1",
    ],
    fates_four=[
        "emailAddresses[].metadata.source.type extension 1",
        "emailAddresses[].type exact 1",
        "emailAddresses[].value exact 2",
        "names[].familyName extension 1",
        "names[].givenName exact 1",
        "names[].givenName extension 1",
        "names[].metadata.source.type extension 1",
        "names[].unstructuredName exact 1",
        "names[].unstructuredName extension 1",
        "photos[].url exact 1",
        "resourceName extension 1",
    ],
    returned={
        "connections": [
            {
                "resourceName": "people/c105",
                "emailAddresses": [
                    {
                        "value": "pia@gmail.example",
                        "metadata": {
                            "source": {
                                "type": "PROFILE",
                            },
                        },
                    },
                    {
                        "value": "pia@home.example",
                        "type": "home",
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Pia",
                        "givenName": "Pia",
                    },
                    {
                        "unstructuredName": "Pia Profil",
                        "givenName": "Pia",
                        "familyName": "Profil",
                        "metadata": {
                            "source": {
                                "type": "PROFILE",
                            },
                        },
                    },
                ],
                "photos": [
                    {
                        "url": "https://lh3.example/pia",
                        "metadata": {
                            "source": {
                                "type": "PROFILE",
                            },
                        },
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
            "https://lh3.example/pia": {
                "mediaType": "image/jpeg",
                "data": "/9j/4AAQ",
            },
        },
    },
)
