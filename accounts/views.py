"""``/auth/…``: sessions and the API side of the password reset."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any, ClassVar, cast

from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import described, login, password_reset, schema, security_events, sessions
from accounts.models import AuthToken, SecurityEvent, User
from accounts.presenting import present_session, present_user
from accounts.serializers import (
    LoginSerializer,
    ResetConfirmSerializer,
)
from api.address import client_address
from api.fields import NoBody
from api.openapi import describe
from api.openapi_problems import INVALID_PAGE
from api.pages import present_page, read_page
from api.problems import known
from api.queries import PageQuery, single_values
from api.timestamps import timestamp
from api.views import APIView

DONE = {200: schema.DoneAnswer}


class LoginView(APIView):
    """``POST /auth/login``"""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    no_store: ClassVar[bool] = True

    @describe(
        "login",
        "Log staff in",
        tag="Sessions",
        request=LoginSerializer,
        answers={200: schema.LoginAnswer},
        problems=described.LOGIN_PROBLEMS,
        **described.LOGIN,
    )
    def post(self, request: Request) -> Response:
        form = LoginSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user, issued = login.log_in(
            **{"totp": "", **form.validated_data},
            address=client_address(request),
            now=timezone.now(),
        )
        return Response(
            {
                "token": issued.token,
                "expiresAt": timestamp(issued.expires_at),
                "user": present_user(user),
            }
        )


class MeView(APIView):
    """``GET /auth/me``"""

    @describe("getMe", "Who am I", tag="Sessions", answers={200: schema.MeAnswer}, **described.ME)
    def get(self, request: Request) -> Response:
        return Response({"user": present_user(cast(User, request.user))})


class LogoutView(APIView):
    """``POST /auth/logout``: this token."""

    @describe(
        "logout",
        "End this session",
        tag="Sessions",
        request=None,
        answers=DONE,
        **described.LOGOUT,
    )
    def post(self, request: Request) -> Response:
        NoBody(data=request.data).is_valid(raise_exception=True)
        sessions.end_token(token=cast(AuthToken, request.auth))
        _record(request, SecurityEvent.Kind.LOGOUT, detail=cast(AuthToken, request.auth).app)
        return Response({})


class LogoutAllView(APIView):
    """``POST /auth/logout-all``: every token of the caller."""

    @describe(
        "logoutAll",
        "End all my sessions",
        tag="Sessions",
        request=None,
        answers=DONE,
        **described.LOGOUT_ALL,
    )
    def post(self, request: Request) -> Response:
        NoBody(data=request.data).is_valid(raise_exception=True)
        sessions.end_all_tokens(user=cast(User, request.user))
        _record(
            request, SecurityEvent.Kind.SESSIONS_ENDED, detail=cast(AuthToken, request.auth).app
        )
        return Response({})


class SessionsView(APIView):
    """``GET /auth/sessions``: where the caller is logged in, newest first."""

    @describe(
        "listSessions",
        "Where I am logged in",
        tag="Sessions",
        parameters=[PageQuery],
        answers={200: schema.SessionsAnswer},
        problems=(INVALID_PAGE,),
        **described.SESSIONS,
    )
    def get(self, request: Request) -> Response:
        form = PageQuery(data=single_values(request.query_params))
        form.is_valid(raise_exception=True)
        live = sessions.live_tokens(user=cast(User, request.user), now=timezone.now())
        page = read_page(live, page=form.validated_data["page"])
        current = cast(AuthToken, request.auth)
        return Response(
            present_page(page, plural="sessions", present=partial(present_session, current=current))
        )


class SessionView(APIView):
    """``DELETE /auth/sessions/{id}``: one of the caller's own; every other is 404."""

    @describe(
        "endSession",
        "End one of my sessions",
        tag="Sessions",
        parameters=[OpenApiParameter("session_id", uuid.UUID, OpenApiParameter.PATH)],
        answers=DONE,
        **described.END_SESSION,
    )
    def delete(self, request: Request, session_id: str) -> Response:
        NoBody(data=request.data).is_valid(raise_exception=True)
        try:
            wanted = uuid.UUID(session_id)
        except ValueError as err:
            raise known("not_found") from err
        user = cast(User, request.user)
        if not sessions.end_session(user=user, wanted=wanted, now=timezone.now()):
            raise known("not_found")
        _record(request, SecurityEvent.Kind.SESSIONS_ENDED, detail="one of their own")
        return Response({})


class ResetConfirmView(APIView):
    """``POST /auth/password/reset/confirm``"""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    no_store: ClassVar[bool] = True

    @describe(
        "confirmPasswordReset",
        "Set a new password",
        tag="Sessions",
        request=ResetConfirmSerializer,
        answers=DONE,
        problems=described.RESET_PROBLEMS,
        **described.RESET_CONFIRM,
    )
    def post(self, request: Request) -> Response:
        form = ResetConfirmSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        fields: dict[str, Any] = form.validated_data
        try:
            password_reset.set_password(
                uid=fields["uid"], token=fields["token"], new_password=fields["newPassword"]
            )
        except ValidationError as err:
            raise known(
                "validation_error",
                errors=[
                    {
                        "field": "newPassword",
                        "code": each.code or "invalid",
                        "detail": " ".join(each.messages),
                    }
                    for each in err.error_list
                ],
            ) from err
        return Response({})


def _record(request: Request, kind: SecurityEvent.Kind, *, detail: str) -> None:
    security_events.record(
        kind=kind,
        result=SecurityEvent.Result.OK,
        actor_id=cast(User, request.user).pk,
        client_address=client_address(request),
        detail=detail,
    )
