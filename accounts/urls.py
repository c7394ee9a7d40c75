from __future__ import annotations

from django.urls import path

from accounts import mail_views, reset_page, views

urlpatterns = [
    path("auth/login", views.LoginView.as_view()),
    path("auth/me", views.MeView.as_view()),
    path("auth/logout", views.LogoutView.as_view()),
    path("auth/logout-all", views.LogoutAllView.as_view()),
    path("auth/sessions", views.SessionsView.as_view()),
    path("auth/sessions/<str:session_id>", views.SessionView.as_view()),
    path("auth/password/reset/confirm", views.ResetConfirmView.as_view()),
    path("auth/password/reset/<str:uid>/<str:token>", reset_page.ResetPageView.as_view()),
    path("integrations/sendEmail", mail_views.SendEmailView.as_view()),
    path("integrations/emailTemplates", mail_views.EmailTemplatesView.as_view()),
]
