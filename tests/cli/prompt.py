# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The `aws` program, a process for each command: forked from one that has imported it, as imports are most of its time."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import tempfile
from multiprocessing import connection
from pathlib import Path

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["awscli.clidriver", "awscli.handlers", "ahead"])


class Command:
    """One that was given. What it says goes to files: a pipe that nobody reads would stop it."""

    def __init__(self, words: tuple[str, ...], environment: dict[str, str], folder: Path) -> None:
        self.words = words
        self._said = tempfile.TemporaryDirectory(prefix="aws-")
        self._process = PROCESSES.Process(target=_aws, args=(words, environment, folder, self._said.name))
        self._process.start()

    def __str__(self) -> str:
        return " ".join(["aws", *self.words[:3]])

    def ended(self, limit: float) -> tuple[int, str, str]:
        """Exit status, output, errors. Raises TimeoutError for one that goes on after `limit` seconds."""
        if not connection.wait([self._process.sentinel], limit):
            self._process.kill()
            raise TimeoutError
        with self._said as said:
            status, output, errors = (Path(said, name).read_text("utf-8") for name in ("status", "output", "errors"))
        return int(status), output, errors


def _aws(words: tuple[str, ...], environment: dict[str, str], folder: Path, said: str) -> None:
    from awscli import clidriver  # of the program's own environment

    own = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}  # the program sets it when it is imported
    os.environ.clear()
    os.environ.update(environment | own)
    os.chdir(folder)
    sys.argv = ["aws", *words]
    with (
        open(f"{said}/output", "w", encoding="utf-8") as output,
        open(f"{said}/errors", "w", encoding="utf-8") as errors,
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        status = clidriver.main()
    # Of a process's own exit code multiprocessing makes 255 when two threads look for it at once.
    Path(said, "status").write_text(str(status or 0), encoding="utf-8")
