# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A play that publishes and installs a package is killed at any call that writes or sends: the next one gets there, and installs nothing twice."""

from __future__ import annotations

import collections
import contextlib
import typing as t
from pathlib import Path

import pytest
from botocore.client import BaseClient
from support import compute
from support.distributor import SCRIPTS, Shelf, client, sources
from support.imagebuilder import done
from support.modules import CONNECTION
from support.run_command import invocations, nodes

from slipway_emulator.clock import clock
from slipway_emulator.ledger import ledger

pytestmark = pytest.mark.usefixtures("world")
INSTALLER = "AWS-ConfigureAWSPackage"
WEB = {"tag_filters": {"role": "web"}}
CHECK = {"check": ["true"]}
READS = ("Get", "List", "Describe", "Head")


class Killed(BaseException):
    """SIGKILL, as far as a test can have it: nothing that the modules do on failures happens."""


def kill_at_writes(patch: pytest.MonkeyPatch) -> None:
    """From now on every call that writes or sends comes to AWS, and kills with its answer."""
    call = BaseClient._make_api_call  # type: ignore[attr-defined]  # the one way of all calls

    def killing(client: t.Any, operation: str, asked: t.Any) -> t.Any:
        answer = call(client, operation, asked)
        if not operation.startswith(READS):
            raise Killed(operation)
        return answer

    patch.setattr(BaseClient, "_make_api_call", killing)


def command(document: str, parameters: dict[str, t.Any], ids: list[str], **more: t.Any) -> None:
    asked = {"document_name": document, "parameters": parameters, "instance_ids": ids, "wait_delay": 5}
    done("ssm_run_command", {**asked, **more})


def read(name: str) -> t.Any:
    """As the role does: what another run sent is waited for."""
    while (fleet := done("ssm_package_fleet_info", {"name": name, **WEB, **CHECK}))["states"].get("in progress"):
        clock.advance(5)
    return fleet


def check(fleet: t.Any, key: str) -> None:
    for one in fleet["checks"]:
        if one[key]:
            command(one["document_name"], {"commands": one["commands"]}, one[key], comment=one["comment"])


def play(shelf: Shelf) -> dict[str, int]:
    """The tasks of the role; the states of the nodes at the end."""
    shelf.done()
    fleet = read(shelf.name)
    check(fleet, "instance_ids")
    for wave in ("canary", "rest"):
        if fleet[wave]:
            command(INSTALLER, {"action": "Install", "name": shelf.name, "version": "1.0.0"}, fleet[wave])
            check(fleet, wave)
    shelf.done(None, default_version="1.0.0")
    return dict(read(shelf.name)["states"])


def installations(name: str) -> collections.Counter[str]:
    """How often the package was sent to each node."""
    found = compute.client("ssm").list_commands(Filters=[{"key": "DocumentName", "value": INSTALLER}])["Commands"]
    sent = [one["CommandId"] for one in found if one["Parameters"]["name"] == [name]]
    return collections.Counter(row["InstanceId"] for one in sent for row in invocations(one))


def test_runs_that_are_killed_one_after_the_other_get_there_and_install_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    src = sources(tmp_path, {"amazon/_any/_any": SCRIPTS})
    client("s3").create_bucket(Bucket="bundles", CreateBucketConfiguration={"LocationConstraint": CONNECTION["region"]})
    ids, shelf, killed = nodes(3, role="web"), Shelf("agent", "bundles", src), []
    states: dict[str, int] = {}
    while not states:
        with monkeypatch.context() as patch, contextlib.suppress(Killed):
            kill_at_writes(patch)
            before = len(ledger)
            states = play(shelf)
        killed += [call.operation for call in list(ledger)[before:] if call.write or call.probe]
    assert states == {"proved": 3}
    # Each once: to publish, then to install and to check on the first node, and the same on the others.
    assert killed == ["PutObject", "CreateDocument", *["SendCommand"] * 4]
    assert installations(shelf.name) == dict.fromkeys(ids, 1) and shelf.versions() == ["1.0.0"]
