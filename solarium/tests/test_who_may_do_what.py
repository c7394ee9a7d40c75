"""The tables of ``docs/security.md`` that say who may do what, asked cell by cell."""

from __future__ import annotations

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.groups import ACTS, OPS, SUPPORT
from accounts.roles import Role
from documents import permissions
from documents.models import DocType
from documents.tests.building import make_document, make_world
from documents.tests.files import build_pdf
from integrations import redact
from solarium.admin_site import PAGES
from solarium.tests.admin_rows import PHONE
from solarium.tests.admin_world import enter, make_staff
from solarium.tests.doc_pages import quoted, rows

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
TABLES = rows("docs/security.md", "Who may do what")
API = [row for row in TABLES if len(row) == 6]
DOCUMENTS = [row for row in TABLES if row[0] in DocType.values]
ADMIN = [row for row in TABLES if len(row) == 5 and row not in DOCUMENTS]
CALL = re.compile(r"(?:DELETE|GET|POST|PUT) /\S+")


def calls(row):
    return [each for each in quoted(row[:1]) if CALL.fullmatch(each)]


class TestAPI:
    @pytest.fixture
    def world(self):
        return make_world()

    @pytest.fixture(autouse=True)
    def _around(self, wire, settings, monkeypatch):
        wire.sendgrid_accepts()
        settings.DEBUG = False
        monkeypatch.setattr(SchemaGenerator, "parse", lambda *args: {})  # it takes its time

    def test_every_call_has_its_row(self, operations):
        named = [call for row in API for call in calls(row)]

        assert set(named) == operations.keys() | {"GET /api/schema", "GET /api/docs"}
        assert len(named) == len(set(named)) + 1  # two kinds of mail

    @pytest.mark.parametrize(
        ("column", "caller"),
        [(1, None), (2, "customer"), (3, "channel_partner"), (4, "kam"), (5, "admin")],
    )
    def test_every_cell(self, world, column, caller):
        for row in API:
            for call in calls(row):
                answer = self.ask(world, caller, call, by_staff="any other" in row[0])
                refused = answer.status_code in (401, 403)
                assert row[column] == ("no" if refused else "yes"), (call, answer.status_code)

    def ask(self, world, caller, call, *, by_staff):
        """Make a call that is good in all but perhaps who makes it."""
        method, path = call.split(" ")
        document = make_document(
            uploader=world.people["customer"],
            doc_type="LEAD" if caller in ("kam", "admin") else "KYC",
            reference=world.reference,
        )
        path = path.format(
            id=document.pk,
            challenge_id=uuid.uuid4(),
            session_id="0" * 16,
            reference_id=world.reference.pk,
        )
        mail = {"template": "password_reset", "to": "asha@solarium.example"}
        if by_staff:
            mail |= {"template": "system_notice", "context": {"title": "t", "message": "m"}}
        people = {"customer": None, "channelPartner": None, "kam": str(world.people["kam"].pk)}
        body = {
            "POST /integrations/sendEmail": mail,
            "PUT /documents/references/{reference_id}": {"kind": "LEAD", **people},
            "GET /documents/sas": {"documentId": str(document.pk)},
            "POST /documents": {
                "file": SimpleUploadedFile("q.pdf", build_pdf(), "application/pdf"),
                "docType": "QUOTATION",
                "referenceId": world.reference.pk,
            },
        }.get(call, {})
        client = world.client(caller) if caller else APIClient()
        client.default_format = "multipart" if call == "POST /documents" else "json"
        return getattr(client, method.lower())(path, body)


class TestAdmin:
    def test_every_page_has_its_row(self):
        named = [page for row in ADMIN for page in quoted(row[:1])]

        assert sorted(named) == sorted(re.sub("<.+?>", "<…>", route) for route, _, _ in PAGES)

    def test_every_right_has_its_row(self):
        acts = {f"{app}.{act}" for app, names in ACTS.items() for act in names}

        assert {right for row in ADMIN for right in quoted(row[1:2])} == acts | {"view_…"}

    @pytest.mark.parametrize(
        ("column", "group", "role"),
        [(2, SUPPORT, Role.ADMIN), (3, OPS, Role.KAM), (4, OPS, Role.ADMIN)],
    )
    def test_every_cell(self, client, world, column, group, role):
        enter(client, make_staff(group=group, role=role))
        arguments = {
            "timeline_of": [redact.fingerprint(PHONE)],
            "reveal": ["account", world["customer"].pk],
            "provider_switch": ["msg91"],
            "change_phone": [world["customer"].pk],
            "end_sessions": [world["customer"].pk],
            "confirm_again": [world["document"].pk],
            "lift_lock": [world["challenge"].pk],
            "remove_demo_number": [world["demo_number"].pk],
            "see_alert": [world["alert"].pk],
            "lift_suppression": [world["suppression"].pk],
        }

        for row in ADMIN:
            for page in quoted(row[:1]):
                name = next(n for r, _, n in PAGES if re.sub("<.+?>", "<…>", r) == page)
                answer = client.get(reverse(f"admin:{name}", args=arguments.get(name)))
                told = {200: "yes", 403: "no"}[answer.status_code]
                assert row[column] == told, page


def test_every_cell_of_the_documents():
    world = make_world()
    table = {row[0]: row[1:] for row in DOCUMENTS}

    assert table.keys() == set(DocType.values)
    for doc_type, cells in table.items():
        for name, cell in zip(("customer", "channel_partner", "kam", "admin"), cells, strict=True):
            user = world.people[name]
            of = {"doc_type": doc_type, "reference": world.reference}
            document = make_document(uploader=world.people["other_kam"], **of)
            may = {
                "upload": permissions.may_upload(user=user, **of),
                "read": world.client(name).get(f"/documents/{document.pk}").status_code == 200,
                "delete": permissions.may_delete(user=user, document=document),
            }
            assert cell == ", ".join(act for act, is_so in may.items() if is_so), (doc_type, name)
