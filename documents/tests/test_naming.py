from __future__ import annotations

import unicodedata
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest

from documents import naming


class TestCleanFileName:
    @pytest.mark.parametrize(
        "name",
        ["आधार.pdf", "bill (2) - final_v1.pdf", "a" * 120, "ஆவணம் ௧.pdf", "x.tar.gz", "CON.pdf"],
    )
    def test_keeps_what_people_write(self, name: str) -> None:
        """S46."""

        assert naming.clean_file_name(name) == unicodedata.normalize("NFC", name)

    def test_collapses_spaces_and_composes(self) -> None:
        assert naming.clean_file_name("  e\u0301te\u0301   1.pdf ") == "été 1.pdf"

    def test_counts_after_cleaning(self) -> None:
        assert naming.clean_file_name("a" * 60 + "   " + "b" * 59) == "a" * 60 + " " + "b" * 59

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "   ",
            "a" * 121,
            ".htaccess",
            " .pdf",
            "../x.pdf",
            "a/b.pdf",
            "a\\b.pdf",
            "%2e%2e",
            "a\x00.pdf",
            "a\nb.pdf",
            "a\tb.pdf",
            "fdp\u202eexe.pdf",
            "a\u200bb.pdf",
            "a\u00a0b.pdf",
            "a\u2028b.pdf",
            'a"b.pdf',
            "a;b.pdf",
            "😀.pdf",
            "\ud800.pdf",
        ],
    )
    def test_refuses(self, name: str) -> None:
        assert naming.clean_file_name(name) is None


class TestDownloadName:
    @pytest.mark.parametrize(
        ("name", "content_type", "saved_as"),
        [
            ("आधार.pdf", "application/pdf", "आधार.pdf"),
            ("SCAN.PDF", "application/pdf", "SCAN.PDF"),
            ("me.jpeg", "image/jpeg", "me.jpeg"),
            ("setup.exe", "application/pdf", "setup.exe.pdf"),
            ("pdf", "application/pdf", "pdf.pdf"),
            ("me.png.", "image/png", "me.png.png"),
        ],
    )
    def test_ends_in_the_types_extension(self, name: str, content_type: str, saved_as: str) -> None:
        assert naming.download_name(file_name=name, content_type=content_type) == saved_as


class TestBlobName:
    def test_is_env_month_in_utc_and_the_id(self, settings: object) -> None:
        """S45."""

        document_id = uuid.uuid4()
        # 1 December in India, still November in UTC.
        now = datetime(2026, 12, 1, 1, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))

        name = naming.blob_name(document_id=document_id, content_type="image/jpeg", now=now)

        assert now.astimezone(UTC).month == 11
        assert name == f"test/2026/11/{document_id}.jpg"
        assert naming.path_of(blob=name) == f"docs/{name}"
