from __future__ import annotations

import io

from solarium.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_for_terminals_only():
    file, terminal = io.StringIO(), Terminal()
    for stream in (file, terminal):
        progress = Progress(stream=stream, label="calls", total=2000)
        progress.advance(500)
        progress.close()

    assert file.getvalue() == ""
    assert "calls  25 % 500" in terminal.getvalue()
