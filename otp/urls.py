from __future__ import annotations

from django.urls import path

from otp.views import ChallengeView, SendOTPView, VerifyOTPView

urlpatterns = [
    path("integrations/sendOTP", SendOTPView.as_view()),
    path("integrations/verifyOTP", VerifyOTPView.as_view()),
    path("integrations/otp/<uuid:challenge_id>", ChallengeView.as_view()),
]
