# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job: build an image, launch a fleet from it, deploy, fail, roll back, and fix a fleet without the agent."""

from __future__ import annotations

import shutil
import typing as t
from collections.abc import Iterator
from pathlib import Path

import yaml

from stage import Played

from .telling import Step, Story, Unexpected, Wishes, expect

MAIN = "slipway.aws.bake_and_deploy"
PUSH_AND_DEPLOY = {"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}
PUSH_AND_DEPLOY |= {"RegisterApplicationRevision", "CreateDeployment"}
PLAIN_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
EVENTS = (
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
)  # what a new bundle brings scripts for


class MainJob(Story):
    """The seven steps, some of them in one play."""

    file = "summary.json"
    fleet = 6

    def __init__(self, address: str, wishes: Wishes) -> None:
        super().__init__(address, wishes)
        self.app = self.folder / "app"
        self.plays = self.stage({**variables(wishes, self.app), **self.known()})
        self.figures = {"image_ids": {}, "deployments": [], "second_run": {}, "preflight": {}}

    def steps(self) -> Iterator[Step]:
        fleet, regions = self.wishes.fleet, ", ".join(self.wishes.regions)
        yield Step(
            "Steps 1 to 3: build an image, launch a fleet, deploy",
            f"The account is empty. Build an AMI with the CodeDeploy agent and distribute it to {regions}. Launch a fleet of "
            f"{fleet} {'hosts' if fleet > 1 else 'host'} from it. Check that the agent runs on every host. Deploy "
            f"version 1 of {self.wishes.name}, {'to half of the hosts' if fleet > 1 else 'to one host'} at a time.",
            self.first_release,
        )
        yield Step(
            "Step 4: run the same again",
            "Nothing has changed, so nothing is built, pushed, deployed or written.",
            self.same_again,
        )
        yield Step(
            "Step 5: deploy version 2",
            "Only the application has changed, so it is only pushed and deployed.",
            self.second_release,
        )
        yield Step(
            "Step 6: deploy version 3, which is broken",
            f"On one host {self.last_hook().get('event', 'the download')} fails. The play shows where and why, CodeDeploy rolls "
            "back to version 2, and the play continues, because app_deployment_on_failure is report.",
            self.broken_release,
        )
        yield Step(
            "Step 7: a fleet without the agent",
            "Two hosts run a plain AMI. CodeDeploy would wait for five minutes and then fail with a misleading message. The preflight "
            "names the hosts before anything is deployed. Then user data installs the agent, and the same play deploys.",
            self.plain_fleet,
        )

    def known(self) -> dict[str, str]:
        """The bucket and the service role have names that follow from the account; plays without the setup role are told them."""
        account = self.client("sts").get_caller_identity()
        name, partition = self.wishes.name, account["Arn"].split(":")[1]
        return {
            "slipway_bucket": f"{name}-bundles-{account['Account']}-{self.region}",
            "slipway_service_role_arn": f"arn:{partition}:iam::{account['Account']}:role/{name}-codedeploy",
        }

    def version(self, number: int) -> None:
        """Version 1 is the application as it is; later ones differ by a file that says which they are."""
        shutil.rmtree(self.app, ignore_errors=True)
        try:
            shutil.copytree(self.wishes.app, self.app, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        except shutil.Error as broken:
            raise Unexpected("; ".join(f"{path}: {why}" for path, _names, why in broken.args[0])) from None
        if number > 1:
            (self.app / ".demo-version").write_text(f"{number}\n", encoding="utf-8")
            if (self.app / "VERSION").is_file():
                (self.app / "VERSION").write_text(f"{number}.0.0\n", encoding="utf-8")

    def first_release(self) -> None:
        regions = self.wishes.regions
        self.version(1)
        played = self.plays.play(MAIN)
        self.figures["image_ids"] = played.last("imagebuilder_image").get("image_ids", {})
        expect(played.code == 0, "the play succeeded")
        expect(set(self.figures["image_ids"]) >= set(regions), f"an AMI in {', '.join(regions)}")
        expect(not played.last("codedeploy_preflight")["preflight"]["not_ready"], "every host was ready")
        self.note(played)

    def same_again(self) -> None:
        played = self.plays.play(MAIN)
        self.figures["second_run"] = {
            "changed": played.changed,
            "write_calls": len(played.own_writes),
            "probes": played.probes,
        }
        expect(played.code == 0 and played.changed == 0, "changed=0")
        expect(
            not played.own_writes, "the ledger of the emulator shows no write call by the modules of this collection"
        )

    def second_release(self) -> None:
        self.version(2)
        played = self.plays.play(MAIN)
        written = {call["operation"] for call in played.own_writes}
        expect(played.code == 0, "the play succeeded")
        expect(
            written <= PUSH_AND_DEPLOY, f"write calls by the modules of this collection: {', '.join(sorted(written))}"
        )
        self.note(played)

    def broken_release(self) -> None:
        fault = self.last_hook()
        self.version(3)
        self.plays.control("faults", **fault)
        played = self.plays.play(
            "slipway.aws.deploy",
            app_deployment_config_name="CodeDeployDefault.OneAtATime",
            app_deployment_on_failure="report",
        )
        self.plays.control("faults", method="DELETE")
        failed = played.last("codedeploy_deployment")
        expect(played.code == 0 and failed.get("msg"), "the deployment failed, and the play continued")
        target = (failed.get("failed_targets") or [{}])[0]
        expect(target.get("target_id", "?") in failed["msg"], f"the message names the host {target.get('target_id')}")
        expect(
            target.get("lifecycle_event_name"),
            f"the result contains the event {target.get('lifecycle_event_name')} and the output of the script",
        )
        expect(self.rolled_back_to(failed), "the fleet runs version 2 again")
        self.note(played)

    def plain_fleet(self) -> None:
        self.version(2)
        options = {"plain_fleet_image_id": self.plain_image(), "autoscaling_fleet_size": 2}
        stopped = self.plays.play("examples/plain_fleet.yml", **options)
        verdict = stopped.last("codedeploy_preflight").get("preflight", {})
        self.figures["preflight"] = {
            "ready": verdict.get("ready", []),
            "not_ready": [{"id": host["id"], "reason": host["reason"]} for host in verdict.get("not_ready", [])],
        }
        expect(
            stopped.code != 0 and len(verdict.get("not_ready", [])) == 2,
            "the preflight stopped the play and named both hosts",
        )
        created = [call for call in stopped.calls if call["operation"] == "CreateDeployment"]
        expect(not created, f"no deployment was created, and the play took {stopped.seconds:.0f} seconds")
        healed = self.plays.play("examples/plain_fleet.yml", **options, autoscaling_fleet_install_agent=True)
        expect(healed.code == 0, "the deployment succeeded after user data installed the agent")
        self.note(healed)

    def note(self, played: Played) -> None:
        """Keep what became of a deployment for the summary."""
        result = played.last("codedeploy_deployment")
        deployment = result.get("deployment") or {}
        if deployment.get("deployment_id"):
            self.figures["deployments"].append(
                {
                    "deployment_id": deployment["deployment_id"],
                    "revision": deployment.get("revision"),
                    "status": deployment.get("status"),
                    "rolled_back_to": self.rolled_back_to(result),
                }
            )

    @staticmethod
    def rolled_back_to(result: dict[str, t.Any]) -> t.Any:
        deployment = (result.get("rollback") or {}).get("deployment") or {}
        return deployment.get("revision") if deployment.get("status") == "Succeeded" else None

    def last_hook(self) -> dict[str, t.Any]:
        """A fault for the last event that has a script of the application; for one without scripts, a full disk."""
        appspec = yaml.safe_load((self.app / "appspec.yml").read_text(encoding="utf-8"))
        events = [event for event in EVENTS if (appspec.get("hooks") or {}).get(event)]
        if not events:
            return {"kind": "disk-full", "times": 1}
        log = "this version does not answer"
        return {"kind": "hook-fails", "event": events[-1], "exit_code": 3, "log": log, "times": 1}

    def plain_image(self) -> str:
        return str(self.client("ssm").get_parameter(Name=PLAIN_IMAGE)["Parameter"]["Value"])


def variables(wishes: Wishes, app: Path) -> dict[str, t.Any]:
    """What a user would keep in a vars file; the pauses are short because the emulator's clock runs fast."""
    name, fleet, regions = wishes.name, wishes.fleet, wishes.regions
    return {
        "slipway_region": regions[0],
        "slipway_regions": regions,
        "slipway_application": name,
        "slipway_deployment_group": "production",
        "slipway_fleet": name,
        "slipway_image_name": f"{name}-base",
        "slipway_bundle": str(app),
        "slipway_instance_profile_name": f"{name}-host",
        "codedeploy_setup_create_iam": True,
        "golden_image_create_instance_profile": True,
        "golden_image_wait_delay": 2,
        "autoscaling_fleet_size": fleet,
        "autoscaling_fleet_min_healthy_percentage": 50,
        "autoscaling_fleet_instance_warmup": 60,
        "autoscaling_fleet_wait_delay": 1,
        "app_deployment_wait_delay": 1,
        # Half of one host, rounded up, may not be taken away: AWS refuses HalfAtATime for a single host.
        "app_deployment_config_name": f"CodeDeployDefault.{'HalfAtATime' if fleet > 1 else 'OneAtATime'}",
    }
