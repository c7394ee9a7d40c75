"""What the operations on documents are for, with examples, for the OpenAPI description."""

from __future__ import annotations

from typing import Final

from api.openapi_examples import NOW, answered, asked, explain, located, page_of, queried

DOCUMENT_ID: Final = "6e9d5c1a-3a0f-4d3e-8a54-7b1c0f2e9d10"
REFERENCE_ID: Final = "LEAD-1042"
PATH: Final = f"docs/prod/2026/11/{DOCUMENT_ID}.pdf"
SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_BLOB: Final = f"https://solarium.blob.core.windows.net/{PATH}"
_UNTIL: Final = "2026-11-24T10:30:00.000Z"

UPLOAD: Final = {
    "documentId": DOCUMENT_ID,
    "sasUrl": f"{_BLOB}?sv=2025-07-05&sp=c&sr=b&spr=https&se=2026-11-24T10%3A30%3A00Z&sig=…",
    "method": "PUT",
    "headers": {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/pdf"},
    "path": PATH,
    "expiresAt": _UNTIL,
}
DOWNLOAD: Final = {
    **UPLOAD,
    "sasUrl": f"{_BLOB}?sv=2025-07-05&sp=r&sr=b&spr=https&se=2026-11-24T10%3A30%3A00Z&sig=…",
    "method": "GET",
    "headers": {},
}
DOCUMENT: Final = {
    "id": DOCUMENT_ID,
    "docType": "KYC",
    "referenceId": None,
    "fileName": "pan-card.pdf",
    "contentType": "application/pdf",
    "size": 182044,
    "sha256": SHA256,
    "state": "available",
    "createdAt": NOW,
    "path": PATH,
}
REFERENCE: Final = {
    "id": REFERENCE_ID,
    "kind": "LEAD",
    "customer": "8f1f3b8e-55b1-4f0f-8a55-0f6f6c1f2a10",
    "channelPartner": "b7d1f0a2-0f6f-4c1f-9a10-55b18f1f3b8e",
    "kam": "2f6d1c9b-7a11-4b0f-9a0e-5b0f6f0e6a0a",
    "createdAt": NOW,
    "updatedAt": NOW,
}

GET_SAS = explain(
    """
    A link to the storage for one document and 30 minutes. With `docType`, one to upload a new
    document; with `documentId`, one to download a document that is `available`. Not both.

    **To upload:** ask for the link, send the bytes to `sasUrl` with `method` and exactly the
    `headers` of the answer (no token of ours), then `POST /documents/{id}/confirm`. Announce
    `size` and `sha256` where you know them: a file that was damaged on its way is then told apart.
    At most 10 MB for a PDF, 5 MB for an image. The link can create the blob, and nothing else:
    where the storage answers 403 or 409, confirm first, since an earlier try may have arrived;
    where that says `not_uploaded`, renew the link and upload again.

    **To download:** fetch `sasUrl`. The storage hands it out under the document's own file name.

    A link is as good as the document: keep it out of logs, and do not store it.
    """,
    *queried("An upload", docType="KYC", fileName="pan-card.pdf", contentType="application/pdf"),
    *queried("An upload to a reference", docType="LEAD", referenceId=REFERENCE_ID),
    *queried("A download", documentId=DOCUMENT_ID),
    answered("To upload", UPLOAD),
    answered("To download", DOWNLOAD),
)
LIST = explain(
    """
    What the caller may see, newest first, 50 a page, empty past the end. Each of the filters is
    optional: the documents of one reference, of one type, of one state.
    """,
    *queried(
        "Quotations of a reference",
        docType="QUOTATION",
        referenceId=REFERENCE_ID,
        state="available",
        page="1",
    ),
    answered("One document", page_of("documents", DOCUMENT)),
)
FILE = explain(
    """
    A KAM or ADMIN hands a quotation in, in one request: the form's fields are `docType`
    (`QUOTATION`), `referenceId` and `file`, a PDF of at most 10 MB, whose own name is what people
    see. It is looked into as by confirm, and is there for the customer when the answer comes.
    """,
    asked(
        "A quotation",
        {"docType": "QUOTATION", "referenceId": REFERENCE_ID, "file": "(the PDF's bytes)"},
        media_type="multipart/form-data",
    ),
    answered(
        "Filed",
        {
            "document": {
                **DOCUMENT,
                "docType": "QUOTATION",
                "referenceId": REFERENCE_ID,
                "fileName": "quotation-1042.pdf",
            }
        },
        status=201,
    ),
)
GET = explain(
    """
    One document: its state, and for a `rejected` one the `reason`. What the caller may not see is
    404, as if it were not there.
    """,
    *located("A document", id=DOCUMENT_ID),
    answered("A document", {"document": DOCUMENT}),
)
DELETE = explain(
    """
    For ADMIN, on request of the person whose document it is. Afterwards it is 404 for everybody
    else; ADMIN reads its state `deleted`.
    """,
    *located("A document", id=DOCUMENT_ID),
    answered("Deleted"),
)
CONFIRM = explain(
    """
    After the upload: the backend reads what was uploaded, looks into it, and answers whether it is
    `available` or refused for good. Safe to repeat: a settled document gets the same answer again.

    It reads the whole file and may scan it for malware: wait for 25 s, and ask again where no
    answer came.
    """,
    *located("A document that was uploaded", id=DOCUMENT_ID),
    answered("Available", {"document": DOCUMENT}),
)
RENEW = explain(
    """
    A fresh link for the same upload, while the document is `pending`: where the first one ran out,
    or the storage answers 403. Confirm as before.
    """,
    *located("A document that is still to be uploaded", id=DOCUMENT_ID),
    answered("To upload", UPLOAD),
)
LIST_REFERENCES = explain(
    "The references in which the caller takes part, newest first, 50 a page, empty past the end.",
    *queried("The first page", page="1"),
    answered("One reference", page_of("references", REFERENCE)),
)
GET_REFERENCE = explain(
    "One reference and its people, for those who take part in it; else 404.",
    *located("A reference", reference_id=REFERENCE_ID),
    answered("A reference", {"reference": REFERENCE}),
)
PUT_REFERENCE = explain(
    """
    KAM and ADMIN tie a reference to its people, before anybody uploads to it. Everything is
    replaced: a person who is left out is none. People are user ids or phones in E.164, and need
    the role. A KAM who makes a reference becomes its KAM unless he names another.
    """,
    *located("A reference", reference_id=REFERENCE_ID),
    asked(
        "A lead and its people",
        {
            "kind": "LEAD",
            "customer": "+919876543210",
            "channelPartner": "b7d1f0a2-0f6f-4c1f-9a10-55b18f1f3b8e",
        },
    ),
    answered("Changed", {"reference": REFERENCE}),
    answered("Made", {"reference": REFERENCE}, status=201),
)
