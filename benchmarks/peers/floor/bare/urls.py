from __future__ import annotations

from django.urls import path

from bare import views

urlpatterns = [
    path("healthz", views.HealthView.as_view()),
    path("send", views.SendView.as_view()),
    path("verify", views.VerifyView.as_view()),
    path("sas", views.SASView.as_view()),
]
