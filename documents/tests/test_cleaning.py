"""Pictures, on the real storage emulator: what is served is the picture and nothing else."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
import requests
from PIL import Image, ImageOps
from rest_framework.test import APIClient

from documents import confirming
from documents.models import Document, State
from documents.tests.building import World
from documents.tests.files import build_jpeg, build_png
from documents.tests.test_hostile import confirm, upload
from integrations import gateways
from integrations.models import GatewayCall

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("azurite")]
JPEG, PNG = "image/jpeg", "image/png"
QUARTERS = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]


@pytest.fixture
def customer(world: World) -> APIClient:
    return world.client("customer")


def download(client: APIClient, document_id: str) -> requests.Response:
    link = client.get("/documents/sas", {"documentId": document_id}).json()["sasUrl"]
    return requests.get(link, timeout=10)


def colors(content: bytes) -> list[tuple[int, ...]]:
    """Return the color at the middle of each quarter, rounded to what JPEG keeps."""
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    width, height = picture.size
    places = [(int(x * width), int(y * height)) for x, y in QUARTERS]
    # RGB: a pixel is three numbers, never one.
    return [tuple(round(part / 64) for part in picture.getpixel(place)) for place in places]  # type: ignore[union-attr]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_and_places_are_gone_and_it_stands_upright(
    customer: APIClient, orientation: int
) -> None:
    """S52."""
    photo = build_jpeg(orientation=orientation, with_gps=True)
    granted, _ = upload(
        customer, photo, contentType=JPEG, size=str(len(photo)), sha256=_sha256(photo)
    )

    shown = confirm(customer, granted).json()["document"]
    served = download(customer, granted["documentId"])

    for trace in (b"Exif", b"Nagpur", b"taken at home"):
        assert trace in photo
        assert trace not in served.content
    assert not Image.open(io.BytesIO(served.content)).getexif()
    assert colors(served.content) == colors(photo)
    assert (shown["size"], shown["sha256"]) == (len(served.content), _sha256(served.content))
    assert served.headers["Content-Type"] == JPEG


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_of_every_kind(customer: APIClient, mode: str) -> None:
    granted, _ = upload(customer, build_png(mode=mode), contentType=PNG)

    assert confirm(customer, granted).status_code == 200

    served = Image.open(io.BytesIO(download(customer, granted["documentId"]).content))
    assert (served.format, served.mode, served.size) == ("PNG", mode, (40, 30))


def test_a_confirm_that_died_after_the_cleaning_is_taken_up(
    customer: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = build_jpeg(with_gps=True)
    granted, _ = upload(
        customer, photo, contentType=JPEG, size=str(len(photo)), sha256=_sha256(photo)
    )

    def die(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(confirming, "_keep", die)
        with pytest.raises(KeyboardInterrupt):
            confirm(customer, granted)
    assert Document.objects.get().state == State.PENDING

    shown = confirm(customer, granted).json()["document"]

    assert shown["sha256"] == _sha256(download(customer, granted["documentId"]).content)
    assert GatewayCall.objects.filter(operation="upload_blob").count() == 1


def test_one_that_is_deleted_meanwhile_is_not_said_to_be_the_storage_s_fault(
    customer: APIClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted, _ = upload(customer, build_jpeg(), contentType=JPEG)
    admin, real = world.client("admin"), gateways.upload_blob

    def delete_first(**given: Any) -> Any:
        assert admin.delete(f"/documents/{granted['documentId']}").status_code == 200
        return real(**given)

    monkeypatch.setattr(gateways, "upload_blob", delete_first)

    answer = confirm(customer, granted)

    assert (answer.status_code, answer.json()["code"]) == (409, "document_not_pending")
    assert Document.objects.get().state == State.DELETED


class TestSwappedBlobs:
    """S48: what is served is what was looked at."""

    @pytest.fixture
    def document(self, customer: APIClient) -> Document:
        granted, _ = upload(customer, build_png(), contentType=PNG)
        assert confirm(customer, granted).status_code == 200
        return Document.objects.get()

    def test_another_blob_is_not_served(self, customer: APIClient, document: Document) -> None:
        gateways.upload_blob(
            blob=document.blob_name,
            content=build_png(),
            content_type=PNG,
            reference="",
            replaces=document.etag,
        )

        answer = customer.get("/documents/sas", {"documentId": str(document.id)})

        assert (answer.status_code, answer.json()["code"]) == (409, "document_not_available")
        document.refresh_from_db()
        assert document.flagged_at
        assert "another blob" in gateways.open_alerts()[0].text

    def test_a_lost_blob_is_not_served(self, customer: APIClient, document: Document) -> None:
        gateways.delete_blob(blob=document.blob_name, reference="")

        answer = customer.get("/documents/sas", {"documentId": str(document.id)})

        assert (answer.status_code, answer.json()["code"]) == (409, "document_not_available")

    def test_the_upload_link_cannot_swap_it(self, customer: APIClient) -> None:
        granted, _ = upload(customer, build_png(), contentType=PNG)
        confirm(customer, granted)

        again = requests.put(
            granted["sasUrl"], data=build_png(), headers=granted["headers"], timeout=10
        )

        assert again.status_code == 403
        assert download(customer, granted["documentId"]).status_code == 200


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
