"""``python -m documents.parsing TYPE MOST_…``: a file on stdin, the verdict on stdout.

The answer is `READY`, then one line of JSON ``{"reason": ""}``, then the cleaned picture. Whoever
reads it must not trust it: a file that takes this process over may write anything, but no more
than the limit.
"""

from __future__ import annotations

import json
import os
import resource
import sys

from documents.parsing import READY
from documents.parsing.refusals import MALFORMED, Refused


def main() -> None:
    content_type, cpu_seconds, memory_bytes, most_bytes, most_pages, most_pixels = sys.argv[1:]
    # One second more until it is killed: so a kill from elsewhere can be told from this.
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds), int(cpu_seconds) + 1))
    bounds = {
        resource.RLIMIT_AS: int(memory_bytes),
        resource.RLIMIT_FSIZE: int(most_bytes),
        resource.RLIMIT_CORE: 0,  # a dump would hold the file
    }
    for what, bound in bounds.items():
        resource.setrlimit(what, (bound, bound))
    if content_type == "application/pdf":
        from documents.parsing import pdf
    else:
        from documents.parsing import images
    os.write(1, READY)  # from here on it is the file's doing if something ends us
    content = sys.stdin.buffer.read()
    reason, cleaned = "", b""
    try:
        if content_type == "application/pdf":
            pdf.check(content, most_pages=int(most_pages))
        else:
            cleaned = images.clean(content, content_type=content_type, most_pixels=int(most_pixels))
    except Refused as refused:
        reason = refused.reason
    except Exception:  # noqa: BLE001  (whatever a library raises, it could not read the file)
        reason = MALFORMED
    with open(1, "wb", closefd=False) as out:
        out.write(json.dumps({"reason": reason}).encode() + b"\n" + cleaned)


main()
