"""All settings of the project, each from the environment; docs/settings.md explains them."""

from __future__ import annotations

import django_stubs_ext

from solarium import environment, logs
from solarium.settings.admin import *
from solarium.settings.data import *
from solarium.settings.django import *
from solarium.settings.limits import *
from solarium.settings.openapi import *
from solarium.settings.providers import *
from solarium.settings.retention import *

django_stubs_ext.monkeypatch()  # ModelAdmin[GatewayCall] and the like

BASE_DIR = environment.BASE_DIR
LOGGING_CONFIG = None
logs.configure(debug=DEBUG)
