# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`ansible-playbook`, loaded once and run in forks. Each line of the standard input is a play, answered by its exit code.

Settings of Ansible are read when it is loaded: they come from the environment of this process. See `plays.Stage`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import typing as t
import warnings

from ansible.cli.playbook import PlaybookCLI
from ansible.parsing.dataloader import DataLoader
from ansible.plugins import loader as loaders
from ansible.template import Templar, trust_as_template

LOADED_IN_EACH_PLAY = (
    "ansible.executor.task_queue_manager", "ansible.module_utils.basic", "ansible.plugins.strategy.linear", "boto3",
)  # fmt: skip


def main() -> None:
    load()
    compiled = sys.modules[loaders.callback_loader.get("thrift", class_only=True).__module__].compiled
    for line in sys.stdin:
        compiled.take()
        child = os.fork() or play(json.loads(line))
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def load() -> None:
    """What every play loads, and what its workers look up."""
    loaders.init_plugin_loader()
    warnings.filterwarnings("ignore", "AnsibleCollectionFinder has already been")  # each play says it again
    for name in LOADED_IN_EACH_PLAY:
        importlib.import_module(name)
    for kind in ("callback", "connection", "inventory", "shell", "strategy", "vars", "filter", "test"):
        list(getattr(loaders, f"{kind}_loader").all(class_only=True))
    loaders.filter_loader.get("slipway.aws.given")
    Templar(DataLoader(), {}).template(
        trust_as_template("{{ [1] | length }}")
    )  # the lexer of jinja2 is made at first use
    loaders.connection_loader.get("local", class_only=True)
    gc.freeze()  # looking through what is inherited would copy it


def play(wish: dict[str, t.Any]) -> t.NoReturn:
    """Be the command, which says itself what goes wrong. The temporary folder of Ansible belongs to the first process."""
    code: t.Any = 1
    try:
        signal.alarm(wish["limit"])
        os.environ.clear()
        os.environ.update(wish["environment"])
        os.chdir(wish["folder"])
        output = os.open(wish["output"], os.O_WRONLY | os.O_CREAT, 0o600)
        for stream, number in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
            os.dup2(stream, number)
        sys.argv[:] = wish["argv"]
        PlaybookCLI.cli_executor(sys.argv)
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
