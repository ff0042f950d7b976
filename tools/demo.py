# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make demo`: run the main job step by step, with a real application, against an emulator of AWS.

Every step says what it expects and checks it. The exit code is 0 when all steps ended as expected.
build/demo/summary.json contains the results.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import sys
import typing as t
import unicodedata
from pathlib import Path

import boto3
import yaml
from rich.console import Console
from rich.markup import escape

import processes
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line
from emulators import NotReady, emulator
from stage import RESULTS, Played, Stage
from toolenv import ROOT

SPEED = 60.0
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
console = Console(highlight=False)


class Unexpected(Exception):
    """A step did not end as expected."""


def plain(text: t.Any) -> str:
    """What others named, for the screen: neither the terminal nor rich may take it for an instruction."""
    return escape(shown_line(str(text)))


def expect(true: t.Any, expected: str) -> None:
    if not true:
        raise Unexpected(expected)
    console.print(f"  [green]as expected:[/] {plain(expected)}")


def step(title: str, story: str) -> None:
    console.rule(f"[bold]{title}")
    console.print(plain(story) + "\n")


class Demo:
    """The seven steps, and what they leave for the summary."""

    def __init__(self, stage: Stage, app: Path, name: str) -> None:
        self.stage, self.source, self.name = stage, app, name
        self.app = RESULTS / "app"
        self.fleet: int = stage.variables["autoscaling_fleet_size"]
        self.summary: dict[str, t.Any] = {"image_ids": {}, "deployments": [], "second_run": {}, "preflight": {}}

    def run(self) -> None:
        self.first_release()
        self.same_again()
        self.second_release()
        self.broken_release()
        self.plain_fleet()

    def version(self, number: int) -> None:
        """Version 1 is the application as it is; later ones differ by a file that says which they are."""
        shutil.rmtree(self.app, ignore_errors=True)
        try:
            shutil.copytree(self.source, self.app, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        except shutil.Error as broken:
            raise Unexpected("; ".join(f"{path}: {why}" for path, _names, why in broken.args[0])) from None
        if number > 1:
            (self.app / ".demo-version").write_text(f"{number}\n", encoding="utf-8")
            if (self.app / "VERSION").is_file():
                (self.app / "VERSION").write_text(f"{number}.0.0\n", encoding="utf-8")

    def first_release(self) -> None:
        regions = ", ".join(self.stage.variables["slipway_regions"])
        step(
            "Steps 1 to 3: build an image, launch a fleet, deploy",
            f"The account is empty. Build an AMI with the CodeDeploy agent and distribute it to {regions}. Launch a fleet of "
            f"{self.fleet} {'hosts' if self.fleet > 1 else 'host'} from it. Check that the agent runs on every host. Deploy "
            f"version 1 of {self.name}, {'to half of the hosts' if self.fleet > 1 else 'to one host'} at a time.",
        )
        self.version(1)
        played = self.stage.play(MAIN)
        self.summary["image_ids"] = played.last("imagebuilder_image").get("image_ids", {})
        expect(played.code == 0, "the play succeeded")
        expect(set(self.summary["image_ids"]) >= set(self.stage.variables["slipway_regions"]), f"an AMI in {regions}")
        expect(not played.last("codedeploy_preflight")["preflight"]["not_ready"], "every host was ready")
        self.note(played)

    def same_again(self) -> None:
        step("Step 4: run the same again", "Nothing has changed, so nothing is built, pushed, deployed or written.")
        played = self.stage.play(MAIN)
        probes = sum(call["probe"] for call in played.calls)
        self.summary["second_run"] = {
            "changed": played.changed,
            "write_calls": len(played.own_writes),
            "probes": probes,
        }
        expect(played.code == 0 and played.changed == 0, "changed=0")
        expect(
            not played.own_writes, "the ledger of the emulator shows no write call by the modules of this collection"
        )

    def second_release(self) -> None:
        step("Step 5: deploy version 2", "Only the application has changed, so it is only pushed and deployed.")
        self.version(2)
        played = self.stage.play(MAIN)
        written = {call["operation"] for call in played.own_writes}
        expect(played.code == 0, "the play succeeded")
        expect(
            written <= PUSH_AND_DEPLOY, f"write calls by the modules of this collection: {', '.join(sorted(written))}"
        )
        self.note(played)

    def broken_release(self) -> None:
        fault = self.last_hook()
        step(
            "Step 6: deploy version 3, which is broken",
            f"On one host {fault.get('event', 'the download')} fails. The play shows where and why, CodeDeploy rolls back to version 2, "
            "and the play continues, because app_deployment_on_failure is report.",
        )
        self.version(3)
        self.stage.control("faults", **fault)
        played = self.stage.play(
            "slipway.aws.deploy",
            app_deployment_config_name="CodeDeployDefault.OneAtATime",
            app_deployment_on_failure="report",
        )
        self.stage.control("faults", method="DELETE")
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
        step(
            "Step 7: a fleet without the agent",
            "Two hosts run a plain AMI. CodeDeploy would wait for five minutes and then fail with a misleading message. The preflight "
            "names the hosts before anything is deployed. Then user data installs the agent, and the same play deploys.",
        )
        self.version(2)
        options = {"plain_fleet_image_id": self.plain_image(), "autoscaling_fleet_size": 2}
        stopped = self.stage.play("examples/plain_fleet.yml", **options)
        verdict = stopped.last("codedeploy_preflight").get("preflight", {})
        self.summary["preflight"] = {
            "ready": verdict.get("ready", []),
            "not_ready": [{"id": host["id"], "reason": host["reason"]} for host in verdict.get("not_ready", [])],
        }
        expect(
            stopped.code != 0 and len(verdict.get("not_ready", [])) == 2,
            "the preflight stopped the play and named both hosts",
        )
        created = [call for call in stopped.calls if call["operation"] == "CreateDeployment"]
        expect(not created, f"no deployment was created, and the play took {stopped.seconds:.0f} seconds")
        healed = self.stage.play("examples/plain_fleet.yml", **options, autoscaling_fleet_install_agent=True)
        expect(healed.code == 0, "the deployment succeeded after user data installed the agent")
        self.note(healed)

    def note(self, played: Played) -> None:
        """Keep what became of a deployment for the summary."""
        result = played.last("codedeploy_deployment")
        deployment = result.get("deployment") or {}
        if deployment.get("deployment_id"):
            self.summary["deployments"].append(
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

    def client(self, service: str) -> t.Any:
        region = self.stage.variables["slipway_region"]
        make: t.Any = boto3.client  # its type knows services by their literal names only
        return make(service, region_name=region, endpoint_url=self.stage.address)


def variables(name: str, fleet: int, regions: list[str]) -> dict[str, t.Any]:
    """What a user would keep in a vars file; the pauses are short because the emulator's clock runs fast."""
    return {
        "slipway_region": regions[0],
        "slipway_regions": regions,
        "slipway_application": name,
        "slipway_deployment_group": "production",
        "slipway_fleet": name,
        "slipway_image_name": f"{name}-base",
        "slipway_bundle": str(RESULTS / "app"),
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


def name_for(app: Path) -> str:
    """The folder's name as every service takes it; a bucket is named after it, account and region in 63 characters."""
    plain = unicodedata.normalize("NFKD", app.name.lower()).encode("ascii", "ignore").decode()
    name = re.sub("[^a-z0-9]+", "-", plain)[:26].strip("-")
    return name if len(name) >= 3 else f"app-{name}".strip("-")


def with_setup(stage: Stage, name: str) -> Stage:
    """The bucket and the service role have names that follow from the account; plays without the setup role are told them."""
    account = boto3.client(
        "sts", region_name=stage.variables["slipway_region"], endpoint_url=stage.address
    ).get_caller_identity()
    partition = account["Arn"].split(":")[1]
    known = {
        "slipway_bucket": f"{name}-bundles-{account['Account']}-{stage.variables['slipway_region']}",
        "slipway_service_role_arn": f"arn:{partition}:iam::{account['Account']}:role/{name}-codedeploy",
    }
    return Stage(stage.address, {**stage.variables, **known})


def keep(address: str) -> None:
    console.rule("The emulator keeps running")
    console.print(f"It listens on {address}. In another terminal:\n\n  export AWS_ENDPOINT_URL={address}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        console.print(f"  export {name}={os.environ[name]}")
    console.print(
        "  aws deploy list-deployments\n  curl $AWS_ENDPOINT_URL/slipway-emulator/hosts\n\nCtrl-C stops the emulator."
    )


def main() -> int:
    options = _parser().parse_args()
    processes.interrupt_on_signals()
    app = options.app.resolve()
    regions = [region.strip() for region in options.regions.split(",") if region.strip()]
    if not app.is_dir() or not regions or options.fleet < 1:
        console.print(
            f"APP must be a directory (it is {plain(app)}), REGIONS at least one Region, and FLEET at least 1.",
            style="red",
        )
        return 2
    if not (app / "appspec.yml").is_file():
        console.print(
            f"{plain(app)} does not contain appspec.yml, the file that tells CodeDeploy what to do. Add it.",
            style="red",
        )
        return 2
    os.environ["AWS_DEFAULT_REGION"] = regions[0]
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    try:
        with emulator(speed=SPEED) as running:
            return _perform(running.address, app, regions, options)
    except NotReady:
        return 1
    except KeyboardInterrupt:
        console.print("\nInterrupted; nothing is left running.")
        return 130


def _perform(address: str, app: Path, regions: list[str], options: argparse.Namespace) -> int:
    name = name_for(app)
    demo = Demo(with_setup(Stage(address, variables(name, options.fleet, regions)), name), app, name)
    code = 0
    try:
        demo.run()
        console.rule("[bold green]All steps ended as expected")
    except Unexpected as otherwise:
        console.print(f"  [red]not as expected:[/] {plain(otherwise)}")
        code = 1
    finally:
        (RESULTS / "summary.json").write_text(json.dumps(demo.summary, indent=2, default=str) + "\n", encoding="utf-8")
    console.print(f"The results are in {(RESULTS / 'summary.json').relative_to(ROOT)}")
    if options.keep:
        keep(address)
        _until_interrupted()
    return code


def _until_interrupted() -> None:
    signal.pause()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("app", type=Path, help="directory of the application, which contains appspec.yml")
    parser.add_argument("--fleet", type=int, default=6, help="number of hosts")
    parser.add_argument(
        "--regions",
        default="eu-central-1,us-east-1",
        help="Regions; the first one is home, the others get copies of the image",
    )
    parser.add_argument("--keep", action="store_true", help="leave the emulator running")
    return parser


if __name__ == "__main__":
    sys.exit(main())
