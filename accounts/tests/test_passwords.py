"""What a password may hold: the same wherever it is set."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts import validators
from accounts.models import User
from accounts.reset_links import make_link

from .conftest import PASSWORD


@pytest.mark.parametrize("character", ["\t", "\x1b", "\x85", "\ud800"])
def test_nothing_that_a_login_refuses(character):
    with pytest.raises(ValidationError) as caught:
        validators.PasswordCharactersValidator().validate(f"a long enough{character}passphrase")

    assert [each.code for each in caught.value.error_list] == ["control_character"]


@pytest.mark.parametrize("password", ["पासवर्ड बहुत लंबा", "emoji 🌞 and\u00a0spaces"])
def test_every_script(password):
    validators.PasswordCharactersValidator().validate(password)


def test_the_page_refuses_a_tab_and_leaves_the_link_good(client, kam):
    path = "/" + make_link(user=kam).split("/", 3)[3]
    pasted = "pasted\twith a tab in it"

    answer = client.post(path, {"new_password": pasted, "repeated": pasted})

    assert answer.status_code == 400
    assert User.objects.get().check_password(PASSWORD)
    assert client.get(path).status_code == 200


def test_create_user_refuses_it(db, monkeypatch):
    monkeypatch.setenv("PW", "two lines of\na passphrase")

    with pytest.raises(CommandError, match="Control characters"):
        call_command("create_user", "--role=KAM", "--email=a@b.example", "--password-env=PW")
