from __future__ import annotations

from django.urls import path

from documents import reference_views, views

urlpatterns = [
    path("documents/sas", views.SASView.as_view()),
    path("documents/references", reference_views.ReferencesView.as_view()),
    path("documents/references/<str:reference_id>", reference_views.ReferenceView.as_view()),
    path("documents", views.DocumentsView.as_view()),
    path("documents/<uuid:pk>", views.DocumentView.as_view()),
    path("documents/<uuid:pk>/confirm", views.ConfirmView.as_view()),
    path("documents/<uuid:pk>/renew", views.RenewView.as_view()),
]
