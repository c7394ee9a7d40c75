"""Microsoft's own client and curl get along with our links, and tell nobody about them."""

from __future__ import annotations

import pytest

from integrations import gateways
from integrations.testing import blob_link
from sandbox.local import clients, pdf
from sandbox.local.progress import StepFailed
from sandbox.tests.relaying import HEADERS, some_blob

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def blob(azurite):
    return some_blob()


@pytest.mark.parametrize("client", clients.installed(), ids=lambda client: client.name)
class TestEveryClient:
    def test_uploads_once_and_downloads(self, client, blob):
        content = pdf.one_page("By another client")
        link = blob_link(blob, "create")

        client.upload(url=link, headers=HEADERS, content=content)

        assert client.download(url=blob_link(blob, "read")) == content
        assert gateways.get_blob_properties(blob=blob, reference="").content_type == (
            "application/pdf"
        )
        with pytest.raises(StepFailed):
            client.upload(url=link, headers=HEADERS, content=content)

    def test_a_link_that_uploads_downloads_nothing(self, client, blob):
        link = blob_link(blob, "create")
        client.upload(url=link, headers=HEADERS, content=b"x")

        with pytest.raises(StepFailed) as failed:
            client.download(url=link)

        assert "sig=" not in str(failed.value)

    def test_no_link_stands_in_an_argument(self, client, blob):
        link = blob_link(blob, "create")
        for tell in (client.put, client.get):
            command, told = tell(link, HEADERS, "/tmp/x")
            assert "sig=" not in " ".join(command)
            assert "sig=" in told


def test_a_client_that_hangs_is_a_failed_step(monkeypatch):
    monkeypatch.setattr(clients, "SECONDS", 0.2)
    told = (["sleep", "60"], "")
    hanging = clients.Client(name="sleep", put=lambda *_: told, get=lambda *_: told)

    with pytest.raises(StepFailed, match="sleep to end within"):
        hanging.upload(url="https://link.example/", headers=HEADERS, content=b"x")
