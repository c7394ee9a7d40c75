"""The texts of SMS and the check that finds what operators would drop (S68)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.checks import run_checks

from accounts.roles import App
from otp import texts

SENT = "Your One-Time Password (OTP) is ##OTP##. Valid for 2 minutes."
REGISTERED = "Your One-Time Password (OTP) is {#numeric#}. Valid for 2 minutes."
HASH = "\n\nFA+9qCX/VSu"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of right texts, to be spoiled by the tests."""
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    for app in texts.APPS:
        write(app=app)
    return tmp_path


def write(sent=SENT, registered=REGISTERED, app=App.CPAPP):
    texts.sent_path(app).write_bytes(f"{sent}\n".encode())
    texts.registered_path(app).write_bytes(f"{registered}\n".encode())


def found():
    return [problem for problem in run_checks() if problem.id.startswith("otp.")]


def ids():
    return [problem.id for problem in found()]


@pytest.fixture
def own_templates(settings):
    settings.MSG91_OTP_TEMPLATE_IDS = {"CPAPP": "a" * 24, "CUSTAP": "b" * 24}


class TestShippedTexts:
    @pytest.mark.parametrize("app", texts.APPS)
    def test_are_the_specifications(self, app, monkeypatch):
        monkeypatch.undo()

        assert texts.read(texts.sent_path(app)) == SENT
        assert texts.read(texts.registered_path(app)) == REGISTERED
        assert ids() == []

    def test_stand_as_examples_in_the_guide_and_pass(self, own_templates):
        guide = (Path(__file__).resolve().parents[2] / "docs" / "front-end-guide.md").read_text()
        fenced = re.findall(r"^```(\w*)\n(.*?)\n```$", guide, re.MULTILINE | re.DOTALL)
        blocks = [block for language, block in fenced if not language]

        assert len(blocks) == 4
        for sent, registered in (blocks[:2], blocks[2:]):
            write(sent, registered)
            assert ids() == []


class TestEdits:
    """Everything that an operator would drop without a word."""

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("Your", "your", "character 1 it has U+0079 (latin small letter y), the registered"),
            ("is ##", "is  ##", "character 33 it has U+0020 (space)"),
            ("Password (", "Password\u00a0(", "U+00A0 (no-break space)"),
            ("One-Time", "One\u2013Time", "U+2013 (en dash)"),
            ("One-Time", "\u2018One-Time\u2019", "U+2018 (left single quotation mark)"),
            ("O", "\u041e", "U+041E (cyrillic capital letter o)"),
            ("minutes.", "minutes", "it has its end, the registered text has U+002E"),
            ("minutes.", "minutes. ", "it has U+0020 (space), the registered text has its end"),
            ("minutes.", "minutes.\n", "it has U+000A (a control character)"),
            ("minutes.", "minutes.\r", "it has U+000D (a control character)"),
            ("##OTP##.", "##OTP## .", "U+0020 (space)"),
            ("##OTP##. Valid", "Valid", "the registered text has a variable"),
        ],
    )
    def test_are_named_with_their_place(self, old, new, said):
        write(SENT.replace(old, new, 1))

        [problem] = [each for each in found() if each.id == "otp.E002"]
        assert said in problem.msg
        assert "otp_cpapp.txt" in problem.msg

    def test_of_the_registered_text_count_as_well(self):
        write(registered=REGISTERED + " Solarium")

        assert "otp.E002" in ids()

    def test_windows_line_ends_are_no_line_ends(self):
        path = texts.sent_path(App.CPAPP)
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

        assert "otp.E002" in ids()

    def test_spelled_in_other_bytes_differ(self):
        write(SENT.replace("One", "Oné"), REGISTERED.replace("One", "One\u0301"))

        assert "otp.E002" in ids()


class TestVariables:
    @pytest.mark.parametrize("tag", ["var", "url", "cbn", "email", "Numeric", ""])
    def test_need_a_type_that_takes_a_code(self, tag):
        write(registered=REGISTERED.replace("numeric", tag))

        assert ids() == ["otp.E003"]

    def test_may_be_letters_and_digits(self):
        write(registered=REGISTERED.replace("numeric", "alphanumeric"))

        assert ids() == []

    def test_unknown_ones_are_named(self, own_templates):
        write(SENT.replace("OTP##", "CODE##"))

        assert [each.msg for each in found()] == [
            "otp_cpapp.txt: nothing is put in for ##CODE##.",
            "otp_cpapp.txt: ##OTP## is missing: the SMS would lack it.",
        ]

    @pytest.mark.parametrize(("digits", "fine"), [(30, True), (31, False)])
    def test_have_thirty_characters_at_most(self, monkeypatch, digits, fine):
        monkeypatch.setattr("otp.codes.CODE_DIGITS", digits)

        assert ids() == ([] if fine else ["otp.E003", "otp.E003"])


class TestLength:
    @pytest.mark.parametrize(
        ("filler", "fine"),
        [
            ("a" * 100, True),  # 60 + 100
            ("a" * 101, False),
            ("€" * 50, True),  # each counts twice
            ("€" * 50 + "a", False),
        ],
    )
    def test_is_that_of_one_sms_with_the_code_in(self, own_templates, filler, fine):
        write(SENT + filler, REGISTERED + filler)

        assert ids() == ([] if fine else ["otp.E005"])

    @pytest.mark.parametrize("foreign", ["\u2019", "\u00a0", "\u20b9", "\u0950", "`", "\t"])
    def test_other_alphabets_are_refused_even_when_registered(self, own_templates, foreign):
        write(SENT + foreign + ".", REGISTERED + foreign + ".")

        assert ids() == ["otp.E004"]

    @pytest.mark.parametrize("edge", [" ", "\n"])
    def test_spaces_at_an_end_are_refused_even_when_registered(self, own_templates, edge):
        write(edge + SENT, edge + REGISTERED)

        assert "otp.E004" in ids()


class TestLastLine:
    @pytest.mark.parametrize(
        ("line", "variable", "fine"),
        [
            ("FA+9qCX/VSu", "", True),
            ("FA+9qCX/VS", "", False),
            ("FA+9qCX/VSu1", "", False),
            ("FA-9qCX_VSu", "", False),
            ("hash FA+9qCX/VSu", "", False),
            ("@app.solarium.example #", "##OTP##", True),
            ("@app.solarium.example ", "##OTP##", False),
            ("@https://app.solarium.example #", "##OTP##", False),
            ("@app.solarium.example  #", "##OTP##", False),
            ("@app.solarium.example:443 #", "##OTP##", False),
            ("@solarium #", "##OTP##", False),
            ("Solarium", "", False),
        ],
    )
    def test_is_a_hash_or_a_domain_and_nothing_else(self, own_templates, line, variable, fine):
        last = f"\n\n{line}"
        write(SENT + last + variable, REGISTERED + last + ("{#numeric#}" if variable else ""))

        assert ids() == ([] if fine else ["otp.E006"])

    @pytest.mark.parametrize(("more", "fine"), [(67, True), (68, False)])
    def test_with_a_hash_the_sms_has_140_bytes(self, own_templates, more, fine):
        write(SENT + "a" * more + HASH, REGISTERED + "a" * more + HASH)

        assert ids() == ([] if fine else ["otp.E006"])

    @pytest.mark.usefixtures("own_templates")
    def test_a_hash_needs_no_variable_and_none_is_taken_for_it(self):
        write(SENT + "\n\n##OTP##", REGISTERED + "\n\n{#alphanumeric#}")

        assert ids() == ["otp.E006"]


class TestLife:
    @pytest.mark.parametrize("said", ["3 minutes", "120 minutes", "a while"])
    def test_must_be_the_codes(self, own_templates, said):
        write(SENT.replace("2 minutes", said), REGISTERED.replace("2 minutes", said))

        assert ids() == ["otp.E007"]

    def test_a_changed_setting_is_found(self, settings):
        settings.OTP_VALID_SECONDS = 300

        assert ids() == ["otp.E007", "otp.E007"]

    def test_may_be_said_in_seconds(self, own_templates):
        said = ("2 minutes", "120 seconds")
        write(SENT.replace(*said), REGISTERED.replace(*said))

        assert ids() == []


class TestFiles:
    def test_missing_ones_are_named(self):
        texts.registered_path(App.CUSTAP).unlink()

        [problem] = found()
        assert (problem.id, "otp_custap.txt" in problem.msg) == ("otp.E001", True)

    def test_other_encodings_are_named(self):
        texts.sent_path(App.CPAPP).write_bytes(SENT.replace("One", "Oné").encode("latin-1"))

        assert ids() == ["otp.E001"]

    def test_two_texts_need_two_templates(self, settings):
        write(SENT + HASH, REGISTERED + HASH)
        assert ids() == ["otp.E008"]

        settings.MSG91_OTP_TEMPLATE_IDS = {"CPAPP": "a" * 24, "CUSTAP": ""}
        assert ids() == []
