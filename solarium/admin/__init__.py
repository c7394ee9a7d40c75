"""The admin of all apps. It stands here since only this package knows all of them.

Django finds it as ``solarium.admin`` and so registers what the modules below hold.
"""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group
from django_otp.plugins.otp_totp.models import TOTPDevice

from solarium.admin import accounts as accounts
from solarium.admin import deliveries as deliveries
from solarium.admin import demo_numbers as demo_numbers
from solarium.admin import documents as documents
from solarium.admin import integrations as integrations
from solarium.admin import otp as otp

# Groups are made by migrations; a device's page would show its secret.
admin.site.unregister([Group, TOTPDevice])
