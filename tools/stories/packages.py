# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A package of Distributor on a fleet that runs already, and the CodeDeploy agent by the package that AWS publishes."""

from __future__ import annotations

import shutil
import typing as t
from collections.abc import Iterator

from stage import Played
from toolenv import ROOT

from . import hosts
from .telling import Step, Story, Wishes, expect

SOURCE = ROOT / "examples" / "agent-package"
NAME = "performance-history"
FIRST, SECOND = "1.0.0", "2.0.0"
TAGS = {"Fleet": "shop"}
INSTALL, REMOVE, CENSUS = (f"slipway.aws.{name}" for name in ("install_package", "remove_package", "package_census"))
DEPLOY = "slipway.aws.deploy"


class Packages(Story):
    """A fleet of several systems, which somebody launched long ago."""

    file = "packages.json"
    fleet = 60
    smallest = 4  # one is first, one fails, one is offline, and one is none of these

    def __init__(self, address: str, wishes: Wishes) -> None:
        super().__init__(address, wishes)
        self.source = self.folder / "package"
        self.canary = max(1, wishes.fleet // 10)
        self.bucket = hosts.bucket(self.client, self.region)
        self.ids = hosts.launch(self.client, address, wishes.fleet, self.bucket, TAGS)
        role = hosts.service_role(self.client)
        self.plays = self.stage({**shared(wishes, self.bucket), **deployment(wishes, role)})

    def steps(self) -> Iterator[Step]:
        yield Step(
            "Step 1: publish version 1 and install it",
            f"{self.wishes.fleet} hosts run Amazon Linux and Ubuntu, on two architectures. Publish a package with a file for each of "
            f"the two systems, and install it on {self.canary} of the hosts first. One of the others is offline, and on another "
            "one install.sh fails. The play names both, and all others have the package.",
            self.first_version,
        )
        yield Step(
            "Step 2: fix the two hosts, and run the same again",
            "Only the two hosts take the package.",
            self.fixed,
        )
        yield Step(
            "Step 3: run the same again",
            "Nothing has changed, so nothing is published, sent or written.",
            self.same_again,
        )
        yield Step(
            "Step 4: publish version 2 and install it",
            f"Again {self.canary} of the hosts come first.",
            self.second_version,
        )
        yield Step(
            "Step 5: roll back to version 1",
            "It is published already, so it only becomes the default version again and is installed. Then count what runs where.",
            self.rolled_back,
        )
        yield Step(
            "Step 6: remove the package",
            "It is uninstalled from all hosts, and then deleted.",
            self.removed,
        )
        yield Step(
            "Step 7: the CodeDeploy agent by package",
            f"None of the {self.wishes.fleet} hosts has the CodeDeploy agent. The preflight names them before anything is deployed. "
            "The package that AWS publishes installs the agent, and the same deployment succeeds.",
            self.agent_by_package,
        )

    def version(self, version: str) -> dict[str, t.Any]:
        """The sources of a version, and the variables that publish it."""
        shutil.rmtree(self.source, ignore_errors=True)
        shutil.copytree(SOURCE, self.source)
        for file in self.source.rglob("VERSION"):
            file.write_text(f"{version}\n", encoding="utf-8")
        return {**self.package(version), "slipway_package_src": str(self.source)}

    def package(self, version: str) -> dict[str, t.Any]:
        return {
            "slipway_package": NAME,
            "slipway_version": version,
            "distributor_package_service": "sysstat",
            "distributor_package_canary": str(self.canary),
            "distributor_package_max_errors": "5",
        }

    def first_version(self) -> None:
        offline = self.ids[-1]
        self.plays.control("faults", kind="ssm-offline", instance_id=offline)
        # Not the first hosts, so that the others get the package, too.
        failing: dict[str, t.Any] = {"kind": "package-exits", "action": "install", "skip": self.canary, "times": 1}
        self.plays.control("faults", **failing, code=1, stderr="No space left on device\n")
        played = self.plays.play(INSTALL, **self.version(FIRST))
        self.plays.control("faults", method="DELETE")
        failed = played.last("ssm_package_fleet_info").get("failed_nodes", [])
        self.figures["published"] = {"name": NAME, "versions": [FIRST]}
        self.figures["installed"] = self.count(played, FIRST)
        self.figures["failed"] = [{"id": node["instance_id"], "reason": node["reason"]} for node in failed]
        expect(played.code != 0, "the play failed")
        expect(
            len(failed) == 2 and offline in [node["instance_id"] for node in failed], f"it named {self.told(failed)}"
        )
        expect(self.count(played, FIRST) == len(self.ids) - 2, f"{len(self.ids) - 2} hosts have version {FIRST}")

    def fixed(self) -> None:
        played = self.plays.play(INSTALL, **self.version(FIRST))
        expect(played.code == 0 and self.count(played, FIRST) == len(self.ids), f"all {len(self.ids)} hosts have it")

    def same_again(self) -> None:
        played = self.plays.play(INSTALL, **self.version(FIRST))
        writes = len(played.own_writes)
        self.figures["second_run"] = {"changed": played.changed, "write_calls": writes, "probes": played.probes}
        expect(played.code == 0 and played.changed == 0, "changed=0")
        expect(not writes, "the ledger of the emulator shows no write call by the modules of this collection")

    def second_version(self) -> None:
        played = self.plays.play(INSTALL, **self.version(SECOND))
        self.figures["published"]["versions"].append(SECOND)
        expect(played.code == 0 and self.count(played, SECOND) == len(self.ids), f"all hosts have version {SECOND}")

    def rolled_back(self) -> None:
        played = self.plays.play(INSTALL, **self.package(FIRST))
        expect(played.code == 0 and self.count(played, FIRST) == len(self.ids), f"all hosts have version {FIRST} again")
        default = self.client("ssm").describe_document(Name=NAME)["Document"]["VersionName"]
        self.figures["rolled_back_to"] = default
        expect(default == FIRST, f"the default version is {FIRST}")
        census = self.plays.play(CENSUS).last("ssm_package_fleet_info").get("packages", [])
        self.figures["census"] = {one["name"]: one["installed_versions"] for one in census}
        expect(
            self.figures["census"] == {NAME: {FIRST: len(self.ids)}}, f"the census found version {FIRST} on all hosts"
        )

    def removed(self) -> None:
        played = self.plays.play(REMOVE, slipway_package=NAME)
        left = self.client("ssm").list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])["DocumentIdentifiers"]
        expect(played.code == 0 and not left, "no host has the package, and it is not published any more")

    def agent_by_package(self) -> None:
        stopped = self.plays.play(DEPLOY)
        missing = stopped.last("codedeploy_preflight").get("preflight", {}).get("not_ready", [])
        expect(stopped.code != 0 and len(missing) == len(self.ids), f"the preflight named all {len(missing)} hosts")
        installed = self.plays.play(INSTALL, slipway_package_preset="codedeploy-agent")
        expect(installed.code == 0, "the agent runs on every host")
        played = self.plays.play(DEPLOY)
        result: dict[str, t.Any] = played.last("codedeploy_deployment").get("deployment") or {}
        self.figures["agent"] = {
            "not_ready": len(missing),
            "deployment_id": result.get("deployment_id"),
            "status": result.get("status"),
        }
        expect(played.code == 0, "the deployment succeeded")

    @staticmethod
    def count(played: Played, version: str) -> int:
        """The hosts that have a version, by what the play read last."""
        return int(played.last("ssm_package_fleet_info").get("versions", {}).get(version, 0))

    @staticmethod
    def told(failed: list[dict[str, t.Any]]) -> str:
        return " and ".join(f"{node['instance_id']} ({node['reason']})" for node in failed)


def shared(wishes: Wishes, bucket: str) -> dict[str, t.Any]:
    """What a user would keep in a vars file; the pauses are short because the emulator's clock runs fast."""
    return {
        "slipway_region": wishes.regions[0],
        "slipway_bucket": bucket,
        "slipway_node_tags": TAGS,
        "distributor_package_wait_delay": 1,
    }


def deployment(wishes: Wishes, service_role_arn: str) -> dict[str, t.Any]:
    """The same for the application that is deployed to the hosts."""
    [(key, value)] = TAGS.items()
    return {
        "slipway_application": wishes.name,
        "slipway_deployment_group": value,
        "slipway_bundle": str(wishes.app),
        "slipway_service_role_arn": service_role_arn,
        "app_deployment_ec2_tag_filters": [{"type": "KEY_AND_VALUE", "key": key, "value": value}],
        "app_deployment_config_name": "CodeDeployDefault.HalfAtATime",
        "app_deployment_wait_delay": 1,
    }
