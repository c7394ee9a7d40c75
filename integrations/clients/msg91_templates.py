"""What MSG91 says of our templates: known, verified by DLT, and with our text.

It sends what stands there, not what stands in our files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

USABLE = "10"  # dlt_verified of a version that operators let pass
_VARIABLE = re.compile(r"##\w+##")  # its name is the panel's affair


def find_warnings(*, setting: str, versions: Any, texts: Collection[str]) -> Iterator[str]:
    """Yield a sentence where no version of a template can be sent, or says something else.

    Args:
        setting: The name of the setting that holds the template's id.
        versions: ``data`` of ``getTemplateVersions``, whatever it is.
        texts: Our texts of the apps that use the template.
    """
    if not isinstance(versions, list) or not versions:
        yield f"MSG91 knows no version of {setting}."
        return
    found = [one for one in versions if isinstance(one, dict)]
    usable = [one for one in found if str(one.get("dlt_verified")) == USABLE]
    if not usable:
        yield f"No version of {setting} is verified by DLT: SMS will not arrive."
        return
    theirs = [_plain(text) for one in usable if isinstance(text := one.get("template_data"), str)]
    if theirs and any(_plain(ours) not in theirs for ours in texts):
        yield f"MSG91's text of {setting} differs from ours: it sends its own."


def _plain(text: str) -> str:
    return _VARIABLE.sub("##", text).replace("\r\n", "\n").strip()
