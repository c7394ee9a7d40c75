"""The client in ``client/`` is that of the schema, compiles, and does what its comments say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from solarium.tests.client.compiling import CLIENT, ROOT, compile_client, run

pytestmark = pytest.mark.slow
GUIDE = (ROOT / "docs" / "front-end-guide.md").read_text()


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_client(tmp_path_factory.mktemp("client"))


def test_the_types_are_those_of_the_schema(tmp_path: Path) -> None:
    schema, types = tmp_path / "schema.json", tmp_path / "schema.d.ts"
    call_command("spectacular", format="openapi-json", file=str(schema))

    run("openapi-typescript", str(schema), "--output", str(types))

    same = types.read_text() == (CLIENT / "schema.d.ts").read_text()
    assert same, "client/schema.d.ts is not that of the schema: npm run client"


def test_it_behaves(compiled: Path) -> None:
    tests = sorted(str(file) for file in (CLIENT / "tests").glob("*.test.mjs"))
    assert len(tests) >= 2

    said = run("node", "--test", *tests, CLIENT=str(compiled))

    passed = re.search(r"^# pass (\d+)$", said, re.MULTILINE)
    assert passed
    assert int(passed[1]) >= 30


def test_a_misspelt_call_does_not_compile(tmp_path: Path) -> None:
    """The types can say no."""
    wrong = {
        "path": 'await client.GET("/documents/saas");',
        "body": 'await client.POST("/integrations/sendOTP", { body: { phone: "x", app: "WEB" } });',
        "code": 'const a: ProblemCode = "otp_wrong";',
    }
    for name, line in wrong.items():
        with pytest.raises(AssertionError, match=r"error TS"):
            _check({name: line}, tmp_path)


def test_the_code_of_the_guide_compiles(tmp_path: Path) -> None:
    blocks = re.findall(r"^```ts\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)

    assert len(blocks) >= 8
    _check({f"block{number}": block for number, block in enumerate(blocks)}, tmp_path)


HEADER = """\
import { createClient, idempotencyKey, type SolariumClient } from "./client.js";
import { NoAnswer, TIMEOUT_MS } from "./answers.js";
import { ProblemError, answered, retryAfter, type Problem, type ProblemCode } from "./problems.js";
import { UploadFailed, uploadDocument } from "./upload.js";
import { askForCode, logIn, type Keeper, type Sent } from "./flows/otpLogin.js";
import { askForReset, bannerLines, fileQuotation, logInStaff } from "./flows/staff.js";
import { downloadLink, quotationsOf, uploadKYC } from "./flows/documents.js";
"""
# What a front end has of its own.
OWN = """\
declare const client: SolariumClient;
declare const keeper: Keeper;
declare function show(text: string, ...more: unknown[]): void;
declare function offerAgain(what: string, seconds: number): void;
declare function showLogin(): void;
declare function ask(what: string): Promise<string>;
declare function report(text: string, id?: string): void;
declare const app: { token?: string; phone: string; email: string; password: string };
"""


def _check(blocks: dict[str, str], folder: Path) -> None:
    """Compile pieces of code beside the client, each in a function of its own."""
    (folder / "src").mkdir(exist_ok=True)
    for file in CLIENT.rglob("*.ts"):
        copy = folder / "src" / file.relative_to(CLIENT)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(file.read_text())
    for name, block in blocks.items():
        body = f"{HEADER}{OWN}export async function {name}() {{\n{block}\n}}\n"
        (folder / "src" / f"{name}.ts").write_text(body)
    (folder / "src" / "package.json").write_text('{"type": "module"}')
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
    settings = json.loads((CLIENT / "tsconfig.json").read_text())
    # A block shows what matters, not all that it could use.
    settings["compilerOptions"] |= {"noUnusedLocals": False, "noUnusedParameters": False}
    (folder / "src" / "tsconfig.json").write_text(json.dumps(settings))
    run("tsc", "--project", str(folder / "src"))
