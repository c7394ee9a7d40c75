from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api import queries
from api.address import client_address
from api.fields import NoBody
from api.openapi import Answer, describe
from api.pages import present_page
from api.parsers import StrictFormParser
from api.timestamps import timestamp
from documents import (
    confirming,
    deleting,
    described,
    described_problems,
    filing,
    links,
    naming,
    presenting,
    schema,
    selectors,
    serializers,
)
from documents.view_base import DocumentsAPIView, caller
from integrations import gateways

UPLOAD_HEADERS = {"x-ms-blob-type": "BlockBlob"}


class SASView(DocumentsAPIView):
    """A link that uploads (``docType``) or downloads (``documentId``) one document."""

    no_store = True
    http_method_names = ["get"]  # a HEAD would use a link up that nobody can read

    @describe(
        "getSAS",
        "A link to upload or download one document",
        tag="Documents",
        parameters=[serializers.SASQuery],
        answers={200: schema.SASAnswer},
        problems=described_problems.SAS,
        **described.GET_SAS,
    )
    def get(self, request: Request) -> Response:
        query = queries.single_values(request.query_params)
        if "documentId" in query:
            return self._download(request, query)
        form = serializers.UploadQuery(data=query)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        announced = links.Announced(
            doc_type=given["docType"],
            reference_id=given.get("referenceId"),
            file_name=given["fileName"],
            content_type=given["contentType"],
            size=given.get("size"),
            sha256=given.get("sha256", ""),
        )
        issued = links.issue_upload(
            user=caller(request),
            announced=announced,
            client_address=client_address(request),
            now=timezone.now(),
        )
        return Response(_present_upload(issued))

    def _download(self, request: Request, query: dict[str, str]) -> Response:
        form = serializers.DownloadQuery(data=query)
        form.is_valid(raise_exception=True)
        issued = links.issue_download(
            user=caller(request),
            document_id=form.validated_data["documentId"],
            client_address=client_address(request),
            now=timezone.now(),
        )
        return Response(_present_sas(issued, method="GET", headers={}))


class DocumentsView(DocumentsAPIView):
    """The documents that the caller may see, and handing in a quotation."""

    parser_classes = (StrictFormParser,)

    @describe(
        "listDocuments",
        "The documents that I may see, newest first",
        tag="Documents",
        parameters=[serializers.DocumentsQuery],
        answers={200: schema.DocumentsAnswer},
        problems=described_problems.LIST,
        **described.LIST,
    )
    def get(self, request: Request) -> Response:
        form = serializers.DocumentsQuery(data=queries.single_values(request.query_params))
        form.is_valid(raise_exception=True)
        given = form.validated_data
        page = selectors.list_documents(
            user=caller(request),
            page=given["page"],
            doc_type=given.get("docType", ""),
            reference_id=given.get("referenceId", ""),
            state=given.get("state", ""),
        )
        return Response(present_page(page, plural="documents", present=presenting.present_document))

    @describe(
        "fileDocument",
        "Hand in a quotation",
        tag="Documents",
        request={"multipart/form-data": serializers.FilingBody},
        answers={201: schema.DocumentAnswer},
        problems=described_problems.FILE,
        **described.FILE,
    )
    def post(self, request: Request) -> Response:
        with gateways.waiting():  # for a caller on a slow line, nobody else has to
            body = request.data
        form = serializers.FilingBody(data=body)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        document = filing.file_quotation(
            user=caller(request),
            reference_id=given["referenceId"],
            file_name=given["file"].name,
            content=given["file"].read(),
            now=timezone.now(),
        )
        return Response({"document": presenting.present_document(document)}, status=201)


class DocumentView(DocumentsAPIView):
    """One document."""

    @describe(
        "getDocument",
        "One document",
        tag="Documents",
        answers={200: schema.DocumentAnswer},
        **described.GET,
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        document = selectors.get_document(user=caller(request), document_id=pk)
        return Response({"document": presenting.present_document(document)})

    @describe(
        "deleteDocument",
        "Delete a document",
        tag="Documents",
        request=None,
        answers={200: Answer},
        **described.DELETE,
    )
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        NoBody(data=request.data).is_valid(raise_exception=True)
        deleting.delete_document(
            user=caller(request),
            document_id=pk,
            client_address=client_address(request),
            now=timezone.now(),
        )
        return Response({})


class ConfirmView(DocumentsAPIView):
    """The upload is done: the backend looks at the blob."""

    @describe(
        "confirmDocument",
        "Say that the upload is done",
        tag="Documents",
        request=None,
        answers={200: schema.DocumentAnswer},
        problems=described_problems.CONFIRM,
        **described.CONFIRM,
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        NoBody(data=request.data).is_valid(raise_exception=True)
        document = confirming.confirm_document(user=caller(request), document_id=pk)
        return Response({"document": presenting.present_document(document)})


class RenewView(DocumentsAPIView):
    """Another link for an upload that did not come through."""

    no_store = True

    @describe(
        "renewDocument",
        "Another link for the same upload",
        tag="Documents",
        request=None,
        answers={200: schema.SASAnswer},
        problems=described_problems.RENEW,
        **described.RENEW,
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        NoBody(data=request.data).is_valid(raise_exception=True)
        issued = links.renew_upload(
            user=caller(request),
            document_id=pk,
            client_address=client_address(request),
            now=timezone.now(),
        )
        return Response(_present_upload(issued))


def _present_upload(issued: links.IssuedSAS) -> dict[str, Any]:
    headers = {**UPLOAD_HEADERS, "Content-Type": issued.document.content_type}
    return _present_sas(issued, method="PUT", headers=headers)


def _present_sas(
    issued: links.IssuedSAS, *, method: str, headers: dict[str, str]
) -> dict[str, Any]:
    return {
        "documentId": str(issued.document.id),
        "sasUrl": issued.sas.url,
        "method": method,
        "headers": headers,
        "path": naming.path_of(blob=issued.document.blob_name),
        "expiresAt": timestamp(issued.sas.expires_at),
    }
