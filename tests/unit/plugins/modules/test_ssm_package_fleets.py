# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ssm_package_fleet_info costs on fleets of any size, in requests and memory, against answers that are made up."""

from __future__ import annotations

import collections
import datetime
import time
import tracemalloc
import typing as t
from types import SimpleNamespace

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._ssm.rollout import evidence, fleet
from ansible_collections.slipway.aws.plugins.modules.ssm_package_fleet_info import ARGUMENT_SPEC

NOW = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC)
PAGE = 50
NAME, CHECK = "agent", ["true"]
OPERATIONS = (
    "describe_instance_information",
    "describe_instances",
    "list_commands",
    "list_command_invocations",
    "list_document_versions",
)


class Fake:
    """So many nodes, each with a command that installed the package and one that checked it, 50 a command."""

    region, deadline = "eu-west-1", None

    def __init__(self, count: int, ends: str = "Success") -> None:
        self.count, self.ends = count, ends
        self.version, self.output = "1.0", "x" * 2490
        self.asked: collections.Counter[str] = collections.Counter()
        self.meta = SimpleNamespace(method_to_api_mapping={name: name for name in OPERATIONS})

    def client(self, _service: str) -> Fake:
        return self

    def now(self) -> datetime.datetime:
        return NOW

    def _page(self, operation: str, key: str, rows: t.Sequence[t.Any], asked: dict[str, t.Any]) -> dict[str, t.Any]:
        self.asked[operation] += 1
        start, size = int(asked.get("NextToken") or 0), asked["MaxResults"]
        more = {"NextToken": str(start + size)} if start + size < len(rows) else {}
        return {key: [self._made(operation, one) for one in rows[start : start + size]], **more}

    def _made(self, operation: str, one: t.Any) -> dict[str, t.Any]:
        return {
            "nodes": self._node, "instances": self._reservation, "commands": self._command, "ends": self._invocation,
        }[operation](one)  # fmt: skip

    def describe_instance_information(self, **asked: t.Any) -> dict[str, t.Any]:
        return self._page("nodes", "InstanceInformationList", range(self.count), asked)

    def describe_instances(self, **asked: t.Any) -> dict[str, t.Any]:
        return self._page("instances", "Reservations", range(self.count), asked)

    def list_commands(self, **asked: t.Any) -> dict[str, t.Any]:
        document = next(one["value"] for one in asked["Filters"] if one["key"] == "DocumentName")
        return self._page("commands", "Commands", [(document, start) for start in range(0, self.count, PAGE)], asked)

    def list_command_invocations(self, **asked: t.Any) -> dict[str, t.Any]:
        start = int(asked["CommandId"].rpartition("/")[2])
        return self._page("ends", "CommandInvocations", range(start, min(start + PAGE, self.count)), asked)

    def list_document_versions(self, **_asked: t.Any) -> dict[str, t.Any]:
        published = {
            "DocumentVersion": "1",
            "VersionName": self.version,
            "CreatedDate": NOW - datetime.timedelta(days=9),
        }
        return {"DocumentVersions": [published]}

    def list_associations(self, **_asked: t.Any) -> dict[str, t.Any]:
        return {"Associations": []}

    @staticmethod
    def _node(number: int) -> dict[str, t.Any]:
        system = {"PlatformType": "Linux", "PlatformName": "Amazon Linux", "PlatformVersion": "2023"}
        told = {"PingStatus": "Online", "LastPingDateTime": NOW, "AgentVersion": "3.3.987.0", "IPAddress": "10.0.0.1"}
        return {"InstanceId": f"i-{number:017x}", "ComputerName": f"host-{number}.example", **system, **told}

    @staticmethod
    def _reservation(number: int) -> dict[str, t.Any]:
        return {"Instances": [{"InstanceId": f"i-{number:017x}", "Architecture": "x86_64"}]}

    def _command(self, one: tuple[str, int]) -> dict[str, t.Any]:
        document, start = one
        installs = document == evidence.INSTALLER
        asked = {"action": ["Install"], "name": [NAME], "version": [self.version]}
        return {
            "CommandId": f"{document}/{start}",
            "RequestedDateTime": NOW - datetime.timedelta(hours=2 if installs else 1),
            "Comment": f"{evidence.comment_of(NAME, '1.0', CHECK)} 1",
            "InstanceIds": [f"i-{number:017x}" for number in range(start, min(start + PAGE, self.count))],
            "Parameters": asked if installs else {},
        }

    def _invocation(self, number: int) -> dict[str, t.Any]:
        code = 0 if self.ends == "Success" else 1
        step = {
            "Name": "configurePackage",
            "Status": self.ends,
            "ResponseCode": code,
            "Output": f"{self.output}{number}",
        }
        return {
            "CommandId": "c", "InstanceId": f"i-{number:017x}", "Status": self.ends, "StatusDetails": self.ends,
            "CommandPlugins": [step],
        }  # fmt: skip


def read(fake: Fake) -> dict[str, t.Any]:
    packages = {"_any": {"_any": {"_any": {"file": "agent.zip"}}}}
    given = {"name": NAME, "manifest": {"version": "1.0", "packages": packages}, "tag_filters": {"role": "web"}}
    defaults = {name: about.get("default") for name, about in ARGUMENT_SPEC.items()}
    return fleet.read(fake, {**defaults, **given, "check": CHECK})  # type: ignore[arg-type]


@pytest.mark.parametrize(("ends", "state", "checks"), [("Success", "proved", 1), ("Failed", "due", 0)])
def test_requests_and_memory_grow_with_the_nodes(ends: str, state: str, checks: int) -> None:
    peaks = []
    for count in (250, 500):
        fake = Fake(count, ends)
        tracemalloc.start()
        found = read(fake)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        pages = count // PAGE
        assert found["states"] == {state: count}
        assert fake.asked == {"nodes": pages, "instances": 1, "commands": 1 + checks, "ends": (1 + checks) * pages}
    assert peaks[1] < 2.2 * peaks[0]
    assert peaks[1] < 60 * 2**20 / 20, "for 10,000 nodes 150 MiB less what Python, boto3 and Ansible take"


def test_the_output_of_a_script_is_searched_once() -> None:
    """It may be one long line, and tell of other packages than the one that was installed."""
    told = f"Successfully installed pip 9.9\nSuccessfully installed arn:aws:ssm:eu-west-1:1:document/{NAME} 1.0\n"
    fake = Fake(200)
    fake.version, fake.output = "", told + "x" * (2500 - len(told))
    began = time.process_time()
    assert read(fake)["versions"] == {"1.0": 200}
    assert time.process_time() - began < 1


def test_a_long_history_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that no command reached, among commands to tags of a large fleet: it is asked for itself, and not for ever."""

    class Long(Fake):
        def list_commands(self, **asked: t.Any) -> dict[str, t.Any]:
            told = super().list_commands(**asked)
            [command] = told["Commands"]
            by_tag = {**command, "InstanceIds": [], "TargetCount": 10_000}
            return {"Commands": [{**by_tag, "CommandId": f"{command['CommandId']}/{n}"} for n in range(500)]}

        def list_command_invocations(self, **asked: t.Any) -> dict[str, t.Any]:
            self.asked["ends"] += 1
            assert asked["InstanceId"] == "i-00000000000000000"
            return {"CommandInvocations": []}

    said: list[str] = []
    monkeypatch.setattr(evidence, "warn", said.append)
    fake = Long(1)
    assert read(fake)["states"] == {"due": 1}
    assert fake.asked["ends"] == evidence.MOST_REQUESTS
    assert len(said) == 1 and "i-00000000000000000" in said[0] and "2026-11-30 10:00 UTC is not known" in said[0]
