from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api import problems, queries
from api.openapi import describe
from api.openapi_problems import INVALID_PAGE
from api.pages import present_page
from documents import (
    described,
    described_problems,
    presenting,
    references,
    schema,
    selectors,
    serializers,
)
from documents.view_base import DocumentsAPIView, caller


class ReferencesView(DocumentsAPIView):
    """The references that the caller takes part in."""

    @describe(
        "listReferences",
        "The references that I take part in, newest first",
        tag="Documents",
        parameters=[queries.PageQuery],
        answers={200: schema.ReferencesAnswer},
        problems=(INVALID_PAGE,),
        **described.LIST_REFERENCES,
    )
    def get(self, request: Request) -> Response:
        form = queries.PageQuery(data=queries.single_values(request.query_params))
        form.is_valid(raise_exception=True)
        page = selectors.list_references(user=caller(request), page=form.validated_data["page"])
        return Response(
            present_page(page, plural="references", present=presenting.present_reference)
        )


class ReferenceView(DocumentsAPIView):
    """One reference: participants read it, its KAM and ADMIN write it."""

    @describe(
        "getReference",
        "One reference",
        tag="Documents",
        parameters=[schema.REFERENCE_ID],
        answers={200: schema.ReferenceAnswer},
        **described.GET_REFERENCE,
    )
    def get(self, request: Request, reference_id: str) -> Response:
        if not serializers.REFERENCE_ID.fullmatch(reference_id):
            raise problems.known("not_found")
        reference = selectors.get_reference(user=caller(request), reference_id=reference_id)
        return Response({"reference": presenting.present_reference(reference)})

    @describe(
        "putReference",
        "Make or change a reference",
        tag="Documents",
        parameters=[schema.REFERENCE_ID],
        request=serializers.ReferenceBody,
        answers={200: schema.ReferenceAnswer, 201: schema.ReferenceAnswer},
        problems=described_problems.PUT_REFERENCE,
        **described.PUT_REFERENCE,
    )
    def put(self, request: Request, reference_id: str) -> Response:
        if not serializers.REFERENCE_ID.fullmatch(reference_id):
            raise problems.invalid(field="id", code="invalid", detail=serializers.REFERENCE_ID_RULE)
        form = serializers.ReferenceBody(data=request.data)
        form.is_valid(raise_exception=True)
        given: dict[str, Any] = form.validated_data
        reference, made = references.put_reference(
            user=caller(request),
            reference_id=reference_id,
            kind=given["kind"],
            names=given,
            now=timezone.now(),
        )
        return Response(
            {"reference": presenting.present_reference(reference)}, status=201 if made else 200
        )
