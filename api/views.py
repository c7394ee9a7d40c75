"""The base of every API view."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import views
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import gateways


class APIView(views.APIView):
    """Adds ``success`` and ``correlationId`` to every answer that is an object.

    ``no_store``: set where the answer holds a token or a SAS URL.
    """

    no_store: ClassVar[bool] = False
    # Without OPTIONS, by which DRF tells anybody a view's docstring; CORS has its middleware.
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(final, Response) and isinstance(final.data, dict):
            final.data = {
                "success": True,
                **final.data,
                "correlationId": gateways.correlation_id(),
            }
        if self.no_store:
            final["Cache-Control"] = "no-store"
        return final
