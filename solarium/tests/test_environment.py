"""What stands in the environment: read as it is meant, or refused with a sentence."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from solarium import environment


@pytest.fixture
def given(monkeypatch):
    return lambda value: monkeypatch.setenv("NAME", value)


class TestText:
    @pytest.mark.parametrize("value", ["key\nsecond", "key\x00".strip("\x00") + "\x07", "k\udcffy"])
    def test_refuses_what_no_header_and_no_link_can_hold(self, given, value):
        given(value)

        with pytest.raises(ImproperlyConfigured, match="NAME holds"):
            environment.text("NAME")

    def test_takes_names_of_every_script(self, given):
        given(" 'क्ष\u200d Solarium' ")

        assert environment.text("NAME") == "क्ष\u200d Solarium"


class TestSecret:
    def test_a_file_that_holds_no_text_is_refused_without_a_word_of_it(self, monkeypatch, tmp_path):
        (tmp_path / "key").write_bytes(b"planted\xff")
        monkeypatch.setenv("NAME_FILE", str(tmp_path / "key"))

        with pytest.raises(ImproperlyConfigured, match="NAME_FILE") as caught:
            environment.secret("NAME")

        assert "planted" not in str(caught.value)

    def test_lines_may_break_after_a_comma(self, monkeypatch, tmp_path):
        (tmp_path / "keys").write_text("newest,\noldest\n")
        monkeypatch.setenv("NAME_FILE", str(tmp_path / "keys"))

        assert environment.secrets("NAME") == ["newest", "oldest"]


class TestNumbers:
    @pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1_0", "٣", "five", "-1"])
    def test_a_length_of_time_is_a_plain_number(self, given, value):
        given(value)

        with pytest.raises(ImproperlyConfigured, match="NAME must be a number"):
            environment.seconds("NAME", 3.0)

    @pytest.mark.parametrize(("value", "seconds"), [("0", 0.0), ("2.5", 2.5), (".5", 0.5)])
    def test_with_or_without_a_fraction(self, given, value, seconds):
        given(value)

        assert environment.seconds("NAME", 3.0) == seconds

    @pytest.mark.parametrize("value", ["0", "-1", "1.5", "9" * 5000])
    def test_a_whole_number_has_a_least_one(self, given, value):
        given(value)

        with pytest.raises(ImproperlyConfigured, match="NAME must be"):
            environment.whole("NAME", 16, least=1)

    @pytest.mark.parametrize("value", ["30,x", "30;60", "-1"])
    def test_a_list_of_numbers_is_whole_numbers(self, given, value):
        given(value)

        with pytest.raises(ImproperlyConfigured, match="NAME must be whole numbers"):
            environment.wholes("NAME", "30,60")


class TestURL:
    @pytest.mark.parametrize("read", [environment.url, environment.secret_url])
    @pytest.mark.parametrize("value", ["https://[planted", "https://h:port/"])
    def test_what_is_none_is_refused_without_a_word_of_it(self, given, read, value):
        given(value)

        with pytest.raises(ImproperlyConfigured, match="NAME is no URL") as caught:
            read("NAME")

        assert "planted" not in str(caught.value)
