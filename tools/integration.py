# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: integration.py [TARGET...]: `ansible-test integration` against an emulator, and the actions of IAM that it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import processes
import toolenv
import tree
from emulators import NotReady, control, emulator
from leftovers import leftovers
from sanity import PYTHON, provide_collections

INTEGRATION = Path("tests/integration")
CHEAPER = toolenv.ROOT / "tests" / "playbooks"
RESULTS = Path("tests/output/data")
SPEED = 300  # emulated seconds in a second
NAMES = "ansible-test-"  # what ansible-test begins every resource_prefix with
# Actions of S3 that are not named as the operation that needs them.
S3_ACTIONS = {
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjectsV2": "ListBucket",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}


def main(wanted: list[str]) -> int:
    processes.interrupt_on_signals()
    if toolenv.BUILD not in Path.cwd().parents:  # by hand; the step runs in a copy already
        os.chdir(tree.copy_below(toolenv.BUILD / "copies" / "integration-by-hand"))
    provide_collections()
    targets = wanted or there()
    try:
        with emulator(speed=SPEED) as running:
            configure(running.address)
            status = run(targets)
            needed = actions(running.address)
            left = leftovers(NAMES, endpoint_url=running.address)
    except NotReady:
        return 1
    left_out = sorted(set(targets) - ran())
    print(f"{len(targets)} targets; failed or left out: {', '.join(left_out) or 'none'}")
    print(f"left behind: {', '.join(left) or 'nothing'}")
    print("\n".join(["actions of IAM:", *needed]))
    return int(bool(status or left_out or left))


def there() -> list[str]:
    """What other targets share is no target of its own; its name begins with setup_."""
    folders = sorted(path.name for path in (INTEGRATION / "targets").iterdir())
    return [name for name in folders if not name.startswith("setup_")]


def configure(address: str) -> None:
    """ansible-test hands its environment to no module, and skips all targets of the cloud without this file."""
    settings = {
        "aws_access_key": os.environ["AWS_ACCESS_KEY_ID"],
        "aws_secret_key": os.environ["AWS_SECRET_ACCESS_KEY"],
        "aws_region": os.environ["AWS_DEFAULT_REGION"],
        "aws_endpoint_url": address,
        "aws_wait_delay": "1",
        "ansible_pipelining": "true",
    }
    lines = ["[default]", *(f"{name}: {value}" for name, value in settings.items())]
    (INTEGRATION / "cloud-config-aws.ini").write_text("\n".join(lines) + "\n")
    # Modules of amazon.aws run in forks, and other tasks in no process of their own: a good deal faster. Whoever runs the targets at
    # AWS starts them as users do.
    folders = [f"{kind}_plugins = {CHEAPER / kind}_plugins" for kind in ("action", "callback")]
    lines = ["[defaults]", "callbacks_enabled = thrift", *folders]
    (INTEGRATION / "integration.cfg").write_text("\n".join(lines) + "\n")


def run(targets: list[str]) -> int:
    """ansible-test names its own Python in the first line of a script, which takes no path with a blank."""
    switches = ["--color", "no", "--python", PYTHON, "--continue-on-error"]
    with tempfile.TemporaryDirectory(prefix="slipway-") as folder:
        venv = Path(folder) / "venv"
        venv.symlink_to(toolenv.VENV)
        programs = venv / "bin"
        environment = {**os.environ, "PATH": os.pathsep.join([str(programs), os.environ["PATH"]])}
        command = [str(programs / "python"), str(programs / "ansible-test"), "integration", *switches, *targets]
        return subprocess.run(command, env=environment, check=False).returncode


def ran() -> set[str]:
    """The targets that ended well. A skipped one is in no result, and ansible-test ends with status 0 all the same."""
    results = (json.loads(path.read_text()) for path in RESULTS.glob("integration-2*.json"))
    return {name for result in results for name in result.get("targets", ())}


def actions(address: str) -> list[str]:
    """What IAM has to allow for the calls of the ledger, each named once."""
    calls = control(address, "ledger")["calls"]
    return sorted({action(call["service"], call["operation"]) for call in calls})


def action(service: str, operation: str) -> str:
    return f"{'elasticloadbalancing' if service == 'elbv2' else service}:{S3_ACTIONS.get(operation, operation) if service == 's3' else operation}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
