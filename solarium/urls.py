from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from api import problems
from solarium.health import HealthView, ReadyView
from solarium.metrics import MetricsView
from solarium.schema import DocsView, SchemaView
from solarium.status import StatusView
from solarium.webhooks import MSG91ReportsView, SendGridReportsView

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.not_found
handler500 = problems.server_error

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("otp.urls")),
    path("", include("documents.urls")),
    path("healthz", HealthView.as_view()),
    path("readyz", ReadyView.as_view()),
    path("integrations/status", StatusView.as_view()),
    path("integrations/webhooks/msg91/<str:token>", MSG91ReportsView.as_view()),
    path("integrations/webhooks/sendgrid", SendGridReportsView.as_view()),
    path("metrics", MetricsView.as_view()),
    path("api/schema", SchemaView.as_view(), name="schema"),
    path("api/docs", DocsView.as_view(url_name="schema"), name="docs"),
    path("admin/", admin.site.urls),
    # In debug too an unknown path is a problem, not a page of Django's.
    re_path(r"^(?!static/)", csrf_exempt(problems.not_found), name="unknown"),
]
