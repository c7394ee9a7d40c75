"""`docs/deploy-azure.md` and its file, as far as they can be held to the code without Azure."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml

from solarium import environment, server
from solarium.settings import data, providers
from solarium.tests.image.dockerfile import ROOT, stage
from solarium.tests.image.test_compose import SECRET_NAME
from solarium.tests.test_docs import ENVIRONMENT_NAME, found_in_code, names_of_the_server

PAGE = (ROOT / "docs" / "deploy-azure.md").read_text()
RESULTS = (ROOT / "benchmarks" / "RESULTS.md").read_text()
APP = yaml.safe_load((ROOT / "deploy" / "azure" / "containerapp.yaml").read_text())["properties"]
(CONTAINER,) = APP["template"]["containers"]
BLOCKS = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
# Of the shell, of Azure, of the platform: none of ours.
OTHERS = {"STOP_SECONDS", "WEBSITES_PORT", "WEBSITES_CONTAINER_STOP_TIME_LIMIT", "REQUIREMENTS"}


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_commands_are_whole(block):
    subprocess.run(["bash", "-n"], input=block, text=True, check=True)
    assert "az " in block


def test_there_are_commands():
    assert len(BLOCKS) >= 5


def test_every_name_is_a_setting():
    settings = found_in_code(ENVIRONMENT_NAME) | names_of_the_server()
    named = set(re.findall(r"`([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", PAGE))

    assert len(named) > 20
    assert named - OTHERS <= settings


def test_every_secret_has_its_row():
    rows = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (`[a-z0-9-]+`|none) \|", PAGE, re.MULTILINE))

    assert rows.keys() == found_in_code(SECRET_NAME)
    for name, vault in rows.items():
        assert vault in {f"`{name.lower().replace('_', '-')}`", "none"}


class TestContainerApp:
    def test_every_name_is_a_setting(self):
        settings = found_in_code(ENVIRONMENT_NAME) | names_of_the_server()
        names = [each["name"] for each in CONTAINER["env"]]

        assert len(names) == len(set(names)) > 15
        assert set(names) <= settings

    def test_secrets_come_from_the_vault_and_from_nowhere_else(self):
        vault = {each["name"]: each["keyVaultUrl"] for each in APP["configuration"]["secrets"]}
        referred = {
            each["name"]: each["secretRef"] for each in CONTAINER["env"] if "secretRef" in each
        }

        assert set(referred.values()) == vault.keys()
        assert all(url == "${VAULT}/secrets/" + name for name, url in vault.items())
        secret = found_in_code(SECRET_NAME)
        assert referred.keys() <= secret
        assert not [each for each in CONTAINER["env"] if "value" in each and each["name"] in secret]
        assert all(ref == name.lower().replace("_", "-") for name, ref in referred.items())

    def test_probes_and_port_are_the_image_s(self):
        probes = {each["type"]: each["httpGet"] for each in CONTAINER["probes"]}

        port = int(stage("production").environment()["PORT"])
        assert APP["configuration"]["ingress"]["targetPort"] == port
        assert {each["port"] for each in probes.values()} == {port}
        assert probes["Liveness"]["path"] == probes["Startup"]["path"] == "/healthz"
        assert probes["Readiness"]["path"] == "/readyz"

    def test_a_replica_has_time_to_finish_and_is_never_alone(self):
        grace = APP["template"]["terminationGracePeriodSeconds"]

        assert grace >= server.STOP_SECONDS + server.LEAVE_SECONDS + 5
        assert APP["template"]["scale"]["minReplicas"] >= 2

    def test_placeholders_are_exported_before_they_are_filled_in(self):
        text = (ROOT / "deploy" / "azure" / "containerapp.yaml").read_text()
        lines = text.splitlines()
        wanted = set(re.findall(r"\$\{(\w+)\}", "\n".join(ln for ln in lines if ln[:1] != "#")))
        exported = set(re.findall(r"\b([A-Z][A-Z0-9_]+)\b", " ".join(
            line for line in PAGE.splitlines() if line.startswith("export ")
        )))  # fmt: skip

        assert wanted <= exported


class TestArithmetic:
    """The page's figures are those of the results, and follow from them."""

    def test_measured_ones_stand_in_the_results(self):
        for row in (
            "| sendOTP | 600 | Solarium | 341 | 1513 | 2178 | 2360 | 3.82 |",
            "| sendOTP | 2224 | 4 |",
            "| after 104,183 requests, MB | 372 |",
            "| breaker open after (slowest), s | 5.26 |",
            "| PDF of 1 page, 1 at once | 0.203 |",
            "| PDF of 1 page, 16 at once | 5.09 |",
        ):
            assert row in RESULTS, row

    def test_derived_ones_follow(self):
        workers = environment.SERVER_NUMBERS["SERVE_WORKERS"]
        a_replica = 0.6 / 0.00382
        rows = [cells(line) for line in PAGE.splitlines() if line.startswith("| ")]
        table = {row[0].split(" (")[0]: row[1:] for row in rows if len(row) == 4}

        assert f"**{a_replica:.0f} requests a second**" in PAGE
        for column, rate in enumerate((120, 1200, 12_000)):
            replicas = max(2, -(-rate // a_replica))
            assert number(table["people at once"][column]) == rate * 5
            assert number(table["requests a second"][column]) == rate
            assert number(table["cores of ours"][column]) == pytest.approx(rate * 0.00382, rel=0.02)
            assert number(table["replicas at 157 a second"][column]) == replicas
            connections = replicas * workers * data.DATABASE_POOL_MAX
            assert table["connections"][column] == f"{connections:,.0f}, {2 * connections:,.0f}"
            slots = replicas * workers * providers.PROVIDER_SLOTS["msg91"]
            assert number(table["slots there are"][column]) == slots
            hanging = table["calls under way when MSG91 hangs: until the breaker"][column]
            assert hanging == f"{rate * 5.26:,.0f}; {rate * 19:,.0f}"


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def number(cell: str) -> float:
    """Return the last number of a cell, as in \"1, so 2\"."""
    return float(re.findall(r"[\d.]+", cell.replace(",", ""))[-1])
