# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: integration.py [TARGET...]: `ansible-test integration` against an emulator, in the copy of the checkout that is the current folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import processes
from emulators import NotReady, emulator
from sanity import PYTHON, provide_amazon_aws

INTEGRATION = Path("tests/integration")
RESULTS = Path("tests/output/data")
SPEED = 120  # emulated seconds in a second


def main(wanted: list[str]) -> int:
    processes.interrupt_on_signals()
    provide_amazon_aws()
    targets = wanted or there()
    try:
        with emulator(speed=SPEED) as running:
            configure(running.address)
            status = run(targets)
    except NotReady:
        return 1
    left_out = sorted(set(targets) - ran())
    print(f"{len(targets)} targets, failed or left out: {', '.join(left_out) or 'none'}")
    return status or int(bool(left_out))


def there() -> list[str]:
    """What is no target of its own is named setup_."""
    folders = sorted(path.name for path in (INTEGRATION / "targets").iterdir())
    return [name for name in folders if not name.startswith("setup_")]


def configure(address: str) -> None:
    """ansible-test hands the environment to no module; this file, without which it skips all targets of the cloud, reaches them."""
    settings = {
        "aws_access_key": os.environ["AWS_ACCESS_KEY_ID"],
        "aws_secret_key": os.environ["AWS_SECRET_ACCESS_KEY"],
        "aws_region": os.environ["AWS_DEFAULT_REGION"],
        "aws_endpoint_url": address,
        "ansible_pipelining": "true",
    }
    lines = ["[default]", *(f"{name}: {value}" for name, value in settings.items())]
    (INTEGRATION / "cloud-config-aws.ini").write_text("\n".join(lines) + "\n")


def run(targets: list[str]) -> int:
    switches = ["--color", "no", "--python", PYTHON, "--continue-on-error"]
    return subprocess.run(["ansible-test", "integration", *switches, *targets], check=False).returncode


def ran() -> set[str]:
    """The targets that ended well. A skipped one is in no result, and ansible-test ends with status 0 all the same."""
    return {name for path in RESULTS.glob("integration-2*.json") for name in json.loads(path.read_text()).get("targets", ())}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
