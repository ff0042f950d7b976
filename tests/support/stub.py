# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A collection of one module that does what no module should, run by the class that runs those of slipway.aws."""

from __future__ import annotations

import typing as t
from pathlib import Path

ACTION = """
from ansible_collections.slipway.aws.plugins.plugin_utils._execution.direct import DirectAction


class ActionModule(DirectAction):
    pass
"""
MODULE = """
import os
import resource
import signal
import subprocess
import sys

from ansible.module_utils.basic import AnsibleModule


def hang(module):
    stream = os.open(module.params["path"], os.O_WRONLY)
    os.set_inheritable(stream, True)
    with subprocess.Popen(["sleep", "1000"], close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        os.write(stream, b"hangs\\n")
        signal.pause()


def memory(module):
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + 2**26
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    bytearray(2**30)


def look(module):
    module.exit_json(
        in_the_folder=os.path.exists("play.yml"), seen=os.environ.get("SEEN"), argv=sys.argv[1:], stdin=sys.stdin.read(), umask=os.umask(0o22)
    )


def say(module):
    module.warn("a warning")
    module.deprecate("an old thing", version="9.0.0", collection_name="tests.stub")
    print("not for Ansible")
    module.exit_json(changed=True, diff={"before": "a", "after": "b"}, tmpdir=os.path.isdir(module.tmpdir))


ACTS = {
    "exit": lambda module: os._exit(7),
    "leave": lambda module: sys.exit("no result"),
    "raise": lambda module: module.params["no such option"],
    "crash": lambda module: os.kill(os.getpid(), signal.SIGSEGV),
    "kill": lambda module: os.kill(os.getpid(), signal.SIGKILL),
    "nothing": lambda module: None,
    "fail": lambda module: module.fail_json(msg="it is told why"),
    "memory": memory,
    "hang": hang,
    "look": look,
    "say": say,
}


def main():
    spec = {"act": {"choices": sorted(ACTS)}, "path": {"type": "path"}, "secret": {"no_log": True}}
    module = AnsibleModule(spec, supports_check_mode=True)
    ACTS[module.params["act"]](module)


if __name__ == "__main__":
    main()
"""
ENDS = ("exit", "leave", "raise", "crash", "kill", "nothing", "fail", "memory", "look", "say")


def collection(folder: Path) -> str:
    """Write it, and return the path for Ansible."""
    plugins = folder / "ansible_collections" / "tests" / "stub" / "plugins"
    for kind, text in (("action", ACTION), ("modules", MODULE)):
        (plugins / kind).mkdir(parents=True)
        (plugins / kind / "act.py").write_text(text)
    return str(folder)


def task(act: str, path: str = "", **more: t.Any) -> dict[str, t.Any]:
    given = {"act": act, **({"path": path} if path else {})}
    return {"name": act, "tests.stub.act": given, "ignore_errors": True, **more}
