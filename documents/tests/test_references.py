from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.roles import Role
from documents.models import Reference
from documents.tests.building import World, client_of, make_user

PATH = "/documents/references"
MEMBERS = {"id", "kind", "customer", "channelPartner", "kam", "createdAt", "updatedAt"}


def put(client: APIClient, reference_id: str, body: Any) -> Any:
    return client.put(f"{PATH}/{reference_id}", body, format="json")


class TestMake:
    def test_by_admin_with_id_and_phone(self, world: World) -> None:
        people = world.people
        body = {
            "kind": "QUOTATION",
            "customer": people["customer"].phone,
            "channelPartner": str(people["channel_partner"].pk),
            "kam": None,
        }

        answer = put(world.client("admin"), "Q_1-a", body)

        shown = answer.json()["reference"]
        assert answer.status_code == 201
        assert set(shown) == MEMBERS
        assert (shown["id"], shown["kind"], shown["kam"]) == ("Q_1-a", "QUOTATION", None)
        assert shown["customer"] == str(people["customer"].pk)
        assert shown["channelPartner"] == str(people["channel_partner"].pk)
        assert shown["createdAt"].endswith("Z")

    def test_a_kam_becomes_its_kam_and_may_repeat_it(self, world: World) -> None:
        kam = world.client("kam")

        first, second = put(kam, "L-1", {"kind": "LEAD"}), put(kam, "L-1", {"kind": "LEAD"})

        assert (first.status_code, second.status_code) == (201, 200)
        own = str(world.people["kam"].pk)
        assert [a.json()["reference"]["kam"] for a in (first, second)] == [own, own]

    def test_unless_he_names_another(self, world: World) -> None:
        other = str(world.people["other_kam"].pk)
        kam = world.client("kam")

        answer = put(kam, "L-1", {"kind": "LEAD", "kam": other})

        assert answer.json()["reference"]["kam"] == other
        assert kam.get(f"{PATH}/L-1").status_code == 404

    @pytest.mark.parametrize("name", ["customer", "channel_partner", "other_customer"])
    @pytest.mark.parametrize("reference_id", ["NEW", "LEAD-1042"])
    def test_others_may_not_and_learn_nothing(
        self, world: World, name: str, reference_id: str
    ) -> None:
        body = {"kind": "LEAD", "customer": "+919999999999"}

        answer = put(world.client(name), reference_id, body)

        assert answer.status_code == 403
        assert Reference.objects.count() == 1

    @pytest.mark.parametrize("reference_id", ["a b", "x" * 65, "é", "a.b", "a%0A"])
    def test_bad_id(self, world: World, reference_id: str) -> None:
        answer = put(world.client("admin"), reference_id, {"kind": "LEAD"})

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "id"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "kind"),
            ({"kind": "KYC"}, "kind"),
            ({"kind": None}, "kind"),
            ({"kind": "LEAD", "customer": 42}, "customer"),
            ({"kind": "LEAD", "customer": ""}, "customer"),
            ({"kind": "LEAD", "customer": "+919999999999"}, "customer"),
            ({"kind": "LEAD", "customer": "9999999999"}, "customer"),
            ({"kind": "LEAD", "kam": "6f1a5f0e-0000-4000-8000-000000000000"}, "kam"),
            ({"kind": "LEAD", "channel_partner": None}, "channel_partner"),
            ({"kind": "LEAD", "id": "X"}, "id"),
        ],
    )
    def test_bad_body_names_the_field(self, world: World, body: dict[str, Any], field: str) -> None:
        answer = put(world.client("admin"), "NEW", body)

        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == [field]

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [("customer", "kam"), ("channelPartner", "customer"), ("kam", "channel_partner")],
    )
    def test_each_must_have_the_role(self, world: World, field: str, wrong: str) -> None:
        for name in (str(world.people[wrong].pk), world.people[wrong].phone):
            answer = put(world.client("admin"), "NEW", {"kind": "LEAD", field: name})

            assert answer.status_code == 400
            assert [error["field"] for error in answer.json()["errors"]] == [field]

    def test_each_must_be_active(self, world: World) -> None:
        gone = make_user(Role.CUSTOMER, is_active=False)

        answer = put(world.client("admin"), "NEW", {"kind": "LEAD", "customer": str(gone.pk)})

        assert answer.status_code == 400


class TestChange:
    def test_by_its_kam_takes_off_who_is_missing(self, world: World) -> None:
        customer = str(world.people["other_customer"].pk)

        answer = put(world.client("kam"), "LEAD-1042", {"kind": "LEAD", "customer": customer})

        shown = answer.json()["reference"]
        assert answer.status_code == 200
        assert (shown["customer"], shown["channelPartner"]) == (customer, None)
        assert shown["kam"] == str(world.people["kam"].pk)
        assert shown["updatedAt"] > shown["createdAt"]

    def test_admin_may_take_the_kam_off(self, world: World) -> None:
        answer = put(world.client("admin"), "LEAD-1042", {"kind": "CUSTOMER", "kam": None})

        assert answer.status_code == 200
        assert answer.json()["reference"]["kam"] is None

    def test_for_another_kam_it_is_404(self, world: World) -> None:
        answer = put(world.client("other_kam"), "LEAD-1042", {"kind": "CUSTOMER"})

        assert answer.status_code == 404
        world.reference.refresh_from_db()
        assert world.reference.kind == "LEAD"


class TestRead:
    @pytest.mark.parametrize("name", ["customer", "channel_partner", "kam", "admin"])
    def test_by_participants(self, world: World, name: str) -> None:
        client = world.client(name)

        one = client.get(f"{PATH}/LEAD-1042")
        listed = client.get(PATH).json()

        assert one.status_code == 200
        assert set(one.json()["reference"]) == MEMBERS
        assert listed["references"] == [one.json()["reference"]]
        assert (listed["page"], listed["pages"], listed["total"]) == (1, 1, 1)

    @pytest.mark.parametrize("name", ["other_customer", "other_channel_partner", "other_kam"])
    def test_not_by_strangers(self, world: World, name: str) -> None:
        client = world.client(name)

        assert client.get(f"{PATH}/LEAD-1042").status_code == 404
        assert client.get(PATH).json()["references"] == []

    def test_ids_keep_their_case(self, world: World) -> None:
        assert world.client("admin").get(f"{PATH}/lead-1042").status_code == 404

    def test_a_participant_in_another_role_is_a_stranger(self, world: World) -> None:
        Reference.objects.create(id="ODD", kind="LEAD", kam=world.people["customer"])

        assert client_of(world.people["customer"]).get(f"{PATH}/ODD").status_code == 404
