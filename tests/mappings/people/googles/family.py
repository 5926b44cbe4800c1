"""Groups of one's own, relations, events, and a picture."""

from __future__ import annotations

from tests.mappings.people.people import GoogleSample

SAMPLE = GoogleSample(
    document={
        "connections": [
            {
                "resourceName": "people/c101",
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
                        "displayName": "Grossmutter",
                        "unstructuredName": "Grossmutter",
                        "givenName": "Grossmutter",
                    },
                ],
                "nicknames": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "value": "Nonna",
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "value": "Rossi",
                        "type": "MAIDEN_NAME",
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "value": "GM",
                        "type": "INITIALS",
                    },
                ],
                "relations": [
                    {
                        "metadata": {
                            "primary": True,
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "person": "Papa",
                        "type": "child",
                        "formattedType": "Child",
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "person": "Pia",
                        "type": "Enkelin",
                        "formattedType": "Enkelin",
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "person": "Nonno",
                        "type": "domesticPartner",
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
                            "contactGroupId": "5a",
                            "contactGroupResourceName": "contactGroups/5a",
                        },
                    },
                    {
                        "metadata": {
                            "source": {
                                "type": "CONTACT",
                                "id": "4f1",
                            },
                        },
                        "contactGroupMembership": {
                            "contactGroupId": "starred",
                            "contactGroupResourceName": "contactGroups/starred",
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
                        "url": "https://lh3.example/g=s0",
                    },
                ],
            },
        ],
        "contactGroups": [
            {
                "resourceName": "contactGroups/5a",
                "groupType": "USER_CONTACT_GROUP",
                "name": "Familie, nah",
            },
            {
                "resourceName": "contactGroups/starred",
                "groupType": "SYSTEM_CONTACT_GROUP",
                "name": "starred",
            },
        ],
        "photos": {
            "https://lh3.example/g=s0": {
                "mediaType": "image/png",
                "data": "iVBORw0KGgo=",
            },
        },
    },
    three=[
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:55f5a4b3-f9bc-58ed-a8b1-a6dc63eaf949",
        "FN:Grossmutter",
        "N:;Grossmutter;;;",
        "item1.NICKNAME:Nonna",
        "item2.X-MAIDENNAME:Rossi",
        "item3.NICKNAME:GM",
        "item4.X-ABRELATEDNAMES:Papa",
        "item4.X-ABLabel:_$!<Child>!$_",
        "item5.X-ABRELATEDNAMES:Pia",
        "item5.X-ABLabel:Enkelin",
        "item6.X-ABRELATEDNAMES:Nonno",
        "item6.X-ABLabel:domesticPartner",
        "CATEGORIES:Familie\\, nah",
        "item7.PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgo=",
        "REV:2026-02-03T04:05:06.789Z",
        'item1.JSPROP;JSPTR="google.com:people/nicknames/0":{}',
        'item2.JSPROP;JSPTR="google.com:people/nicknames/1":{}',
        'item3.JSPROP;JSPTR="google.com:people/nicknames/2/type":"INITIALS"',
        (
            'JSPROP;JSPTR="google.com:people/memberships/0/contactGroupMembership":{"reso'
            'urceName":"contactGroups/5a"\\,"name":"Familie\\, nah"\\,"groupType":"USER_CONT'
            'ACT_GROUP"}'
        ),
        (
            'JSPROP;JSPTR="google.com:people/memberships/1/contactGroupMembership":{"reso'
            'urceName":"contactGroups/starred"\\,"name":"starred"\\,"groupType":"SYSTEM_CON'
            'TACT_GROUP"}'
        ),
        'item7.JSPROP;JSPTR="google.com:people/photos/0/url":"https://lh3.example/g=s0"',
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c101"',
        "END:VCARD",
    ],
    four=[
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:55f5a4b3-f9bc-58ed-a8b1-a6dc63eaf949",
        "FN:Grossmutter",
        "N:;Grossmutter;;;",
        "item1.NICKNAME:Nonna",
        "item2.X-MAIDENNAME:Rossi",
        "item3.NICKNAME:GM",
        "RELATED;TYPE=CHILD;VALUE=text:Papa",
        "item4.RELATED;VALUE=text:Pia",
        "item4.X-ABLabel:Enkelin",
        "item5.RELATED;VALUE=text:Nonno",
        "item5.X-ABLabel:domesticPartner",
        "CATEGORIES:Familie\\, nah",
        "item6.PHOTO:data:image/png;base64,iVBORw0KGgo=",
        "REV:20260203T040506Z",
        'item1.JSPROP;JSPTR="google.com:people/nicknames/0":{}',
        'item2.JSPROP;JSPTR="google.com:people/nicknames/1":{}',
        'item3.JSPROP;JSPTR="google.com:people/nicknames/2/type":"INITIALS"',
        (
            'JSPROP;JSPTR="google.com:people/memberships/0/contactGroupMembership":{"reso'
            'urceName":"contactGroups/5a"\\,"name":"Familie\\, nah"\\,"groupType":"USER_CONT'
            'ACT_GROUP"}'
        ),
        (
            'JSPROP;JSPTR="google.com:people/memberships/1/contactGroupMembership":{"reso'
            'urceName":"contactGroups/starred"\\,"name":"starred"\\,"groupType":"SYSTEM_CON'
            'TACT_GROUP"}'
        ),
        'item6.JSPROP;JSPTR="google.com:people/photos/0/url":"https://lh3.example/g=s0"',
        'JSPROP;JSPTR="google.com:people/resourceName":"people/c101"',
        "END:VCARD",
    ],
    fates_three=[
        "memberships[].contactGroupMembership.contactGroupResourceName exact 1",
        "memberships[].contactGroupMembership.contactGroupResourceName extension 1",
        "names[].givenName exact 1",
        "names[].unstructuredName exact 1",
        "nicknames[].type extension 2",
        "nicknames[].value exact 2",
        "nicknames[].value extension 1",
        "photos[].url exact 1",
        "relations[].person extension 3",
        "relations[].type extension 3",
        "resourceName extension 1",
    ],
    fates_four=[
        "memberships[].contactGroupMembership.contactGroupResourceName exact 1",
        "memberships[].contactGroupMembership.contactGroupResourceName extension 1",
        "names[].givenName exact 1",
        "names[].unstructuredName exact 1",
        "nicknames[].type extension 2",
        "nicknames[].value exact 2",
        "nicknames[].value extension 1",
        "photos[].url exact 1",
        "relations[].person exact 3",
        "relations[].type exact 1",
        "relations[].type extension 2",
        "resourceName extension 1",
    ],
    returned={
        "connections": [
            {
                "resourceName": "people/c101",
                "nicknames": [
                    {
                        "value": "Nonna",
                    },
                    {
                        "value": "Rossi",
                        "type": "MAIDEN_NAME",
                    },
                    {
                        "value": "GM",
                        "type": "INITIALS",
                    },
                ],
                "relations": [
                    {
                        "person": "Papa",
                        "type": "child",
                    },
                    {
                        "person": "Pia",
                        "type": "Enkelin",
                    },
                    {
                        "person": "Nonno",
                        "type": "domesticPartner",
                    },
                ],
                "names": [
                    {
                        "unstructuredName": "Grossmutter",
                        "givenName": "Grossmutter",
                    },
                ],
                "memberships": [
                    {
                        "contactGroupMembership": {
                            "contactGroupResourceName": "contactGroups/5a",
                        },
                    },
                    {
                        "contactGroupMembership": {
                            "contactGroupResourceName": "contactGroups/starred",
                        },
                    },
                ],
                "photos": [
                    {
                        "url": "https://lh3.example/g=s0",
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
                "resourceName": "contactGroups/5a",
                "name": "Familie, nah",
                "groupType": "USER_CONTACT_GROUP",
            },
            {
                "resourceName": "contactGroups/starred",
                "name": "starred",
                "groupType": "SYSTEM_CONTACT_GROUP",
            },
        ],
        "photos": {
            "https://lh3.example/g=s0": {
                "mediaType": "image/png",
                "data": "iVBORw0KGgo=",
            },
        },
    },
)
