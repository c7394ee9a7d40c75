"""The wheel and the project are made once: pip takes some seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.testing import azurite_connection
from sandbox import msg91, sendgrid
from sandbox.tests.conftest import sandbox_url
from solarium.tests.report_world import PUBLIC_KEY, TOKEN

from . import bare as bare_project

__all__ = ["sandbox_url"]

STAND_INS = """
from mysite.settings import *

for _channel in ("sms", "email"):
    INTEGRATIONS[_channel]["OPTIONS"]["base_url"] = os.environ["SANDBOX_URL"]
INTEGRATIONS["blob"]["OPTIONS"]["sas_protocol"] = "https,http"
"""


@pytest.fixture(scope="package")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bare_project.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="package")
def bare(
    wheel: Path, azurite_url: str, tmp_path_factory: pytest.TempPathFactory
) -> bare_project.Bare:
    """The README's project with its tables made; ``mysite.stand_ins`` asks the sandbox."""
    bare = bare_project.make(
        wheel,
        tmp_path_factory.mktemp("bare"),
        MSG91_AUTH_KEY=msg91.AUTH_KEY,
        MSG91_OTP_TEMPLATE_ID=msg91.TEMPLATE_ID,
        MSG91_WEBHOOK_TOKEN=TOKEN,
        SENDGRID_API_KEY=sendgrid.API_KEY,
        SENDGRID_FROM_EMAIL="no-reply@solarium.example",
        SENDGRID_WEBHOOK_PUBLIC_KEY=PUBLIC_KEY,
        AZURE_STORAGE_CONNECTION_STRING=azurite_connection(azurite_url),
        FINGERPRINT_KEY="of-a-bare-project-0123456789abcdef",
    )
    (bare.folder / "mysite" / "stand_ins.py").write_text(STAND_INS)
    bare.succeed("python", "manage.py", "migrate", "--verbosity", "0")
    return bare
