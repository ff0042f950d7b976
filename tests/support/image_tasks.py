# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module that makes and releases images, in every state that calls AWS: the task, and what is there before it."""

from __future__ import annotations

import json
import typing as t

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from support.fleets import Fleet
from support.holdings_of_images import FAR, HOME
from support.imagebuilder import APPROVED, HELLO, client, distributions, done, ingredients
from support.modules import run_module
from support.nouns import NOUNS, TRUST
from support.plays import ROOT
from support.refreshes import alarm
from support.rolling import FAST, of_two
from support.rolling import done as rolled
from support.struck import Options, Task

IMAGE, DISTRIBUTION, STEP, REFRESH = (
    "imagebuilder_image", "imagebuilder_image_distribution", "imagebuilder_workflow_step", "autoscaling_refresh",
)  # fmt: skip
NEW = "<the AMI that is released>"
BUCKET = "shop-bundles"
OLD_TAGS, TAGS = {"Old": "1", "Older": "2"}, {"Team": "shop"}
OURS = {"description": "ours"}
OPT = {"working_directory": "/opt", "semantic_version": "1.0.1"}
CHANGES: dict[str, Options] = {
    "imagebuilder_component": {"data": HELLO.replace("hello", "bye"), "semantic_version": "1.0.1"},
    "imagebuilder_workflow": {"data": APPROVED.replace("Approve", "Allow"), "semantic_version": "1.0.1"},
    "imagebuilder_image_recipe": OPT,
    "imagebuilder_container_recipe": OPT,
    "imagebuilder_infrastructure_configuration": OURS,
    "imagebuilder_distribution_configuration": {"distributions": distributions(HOME)},
    "imagebuilder_image_pipeline": {"status": "DISABLED"},
    "imagebuilder_lifecycle_policy": {"status": "DISABLED"},
}
BUILD = {
    "image_recipe": "web", "infrastructure_configuration": "web", "distribution_configuration": "web", "wait_delay": 600,
}  # fmt: skip
SCAN = {**BUILD, "image_scanning_configuration": {"image_scanning_enabled": True}}
RECIPE = {"image_recipe": "web", "wait_delay": 600}
ONE = {"image_build_version_arn": "web/1.0.0/1", "wait_delay": 60}
AMIS = {**ONE, "include_resources": {"amis": True}, "execution_role": "image-builder"}
GONE = {**ONE, "state": "absent", "delete_resources": True}
APPROVAL = {
    "image_recipe": "web", "infrastructure_configuration": "web", "execution_role": "image-builder", "wait": False,
    "workflows": [{"workflow": "aws:build/build-image"}, {"workflow": "test/approved"}],
}  # fmt: skip
FARTHER = {
    "source_image": "web", "distribution_configuration": "far", "execution_role": "image-builder", "wait_delay": 600,
}  # fmt: skip
COMPONENT = f"arn:aws:imagebuilder:{HOME}:123456789012:component/web/1.0.0/1"
STATEMENT = {
    "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:root"}, "Action": "imagebuilder:Get*",
    "Resource": COMPONENT,
}  # fmt: skip
SHARED = {"component": "web", "policy": {"Version": "2012-10-17", "Statement": [STATEMENT]}}
TARGETS = ROOT / "tests" / "integration" / "targets"
SITE = TARGETS / "imagebuilder_application_component" / "files" / "site"
BUNDLED: dict[str, Options] = {
    "imagebuilder_application_component": {"name": "shop", "src": str(ROOT / "examples" / "storefront")},
    "imagebuilder_ansible_component": {
        "name": "note", "src": str(SITE), "roles": ["note"], "ansible_core_version": "2.17.14",
    },
}  # fmt: skip
SENT_ONCE = frozenset({"StartInstanceRefresh", "CreateLaunchTemplateVersion"})


def surroundings() -> None:
    """What is there before every task, made once for all."""
    ingredients()
    client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": HOME})
    of_two()


def image() -> str:
    """The AMI that is released; always the same one."""
    named = client("ec2").describe_images(Filters=[{"Name": "tag:Release", "Values": ["next"]}])["Images"]
    if named:
        return str(named[0]["ImageId"])
    made = Fleet().image()
    client("ec2").create_tags(Resources=[made], Tags=[{"Key": "Release", "Value": "next"}])
    return made


def nothing() -> None:
    """The surroundings are all."""


def noun(module: str) -> Options:
    return {**NOUNS[module], "tags": OLD_TAGS}


def named(module: str) -> Options:
    return {name: NOUNS[module][name] for name in ("name", "type") if name in NOUNS[module]}


def made(module: str, options: Options) -> t.Callable[[], object]:
    return lambda: done(module, options)


def built() -> None:
    done("imagebuilder_distribution_configuration", {"name": "web", "distributions": distributions(HOME, FAR)})
    done(IMAGE, BUILD)


def disabled() -> None:
    built()
    done(IMAGE, {**AMIS, "state": "disabled"})


def building() -> None:
    done(IMAGE, {**BUILD, "wait": False})
    clock.advance(300)


def failed(kind: str, module: str, options: Options, **rule: t.Any) -> None:
    faults.add({"kind": kind, "times": 1, **rule})
    assert run_module(module, options).failed
    faults.remove()


def untested() -> None:
    failed("workflow-step-fails", IMAGE, BUILD, step="LaunchTestInstance")


def near() -> None:
    done(IMAGE, BUILD)
    done("imagebuilder_distribution_configuration", {"name": "far", "distributions": distributions(HOME, FAR)})


def stranded() -> None:
    near()
    failed("distribution-fails", DISTRIBUTION, FARTHER, region=FAR)


def waiting() -> None:
    done("imagebuilder_workflow", {"name": "approved", "type": "TEST", "data": APPROVED})
    done(IMAGE, APPROVAL)


def parameter(name: str, value: str) -> None:
    client("ssm").put_parameter(Name=name, Value=value, Type="String")


def named_by_parameter() -> None:
    near()
    made = client().list_image_build_versions()["imageSummaryList"][0]["outputResources"]["amis"]
    parameter("/web/image", made[0]["image"])


def in_bucket() -> None:
    client("s3").put_object(Bucket=BUCKET, Key="hello.yml", Body=HELLO)


def watched() -> None:
    parameter("/shop/image", image())
    alarm("errors")


def refreshing() -> None:
    rolled(image_id=image(), wait=False)
    clock.advance(40)


def released() -> None:
    rolled(image_id=image())


def halfway() -> None:
    refreshing()
    rolled(state="cancelled")


def refresh(before: t.Callable[[], object], settles: int = 0, **options: t.Any) -> Task:
    return Task(REFRESH, {**FAST, **options}, before, SENT_ONCE, settles)


def _of_nouns() -> t.Iterator[tuple[str, Task]]:
    for module, change in CHANGES.items():
        first, then = noun(module), {**noun(module), **change, "tags": TAGS}
        before = made(module, first)
        yield f"{module}: create", Task(module, first, nothing)
        yield f"{module}: change", Task(module, then, before)
        yield f"{module}: tags", Task(module, {**first, "tags": TAGS}, before)
        yield f"{module}: delete", Task(module, {**named(module), "state": "absent"}, before)
        if "semantic_version" in change:
            yield f"{module}: prune", Task(module, {**then, "retain": 1, "prune": True}, before)
    for module, options in BUNDLED.items():
        wish = {**options, "bucket": BUCKET, "tags": TAGS}
        yield f"{module}: create", Task(module, wish, nothing)
        yield f"{module}: delete", Task(module, {"name": wish["name"], "state": "absent"}, made(module, wish))


TASKS: dict[str, Task] = {
    **dict(_of_nouns()),
    "imagebuilder_component: from a bucket": Task(
        "imagebuilder_component", {"name": "other", "platform": "Linux", "uri": f"s3://{BUCKET}/hello.yml"}, in_bucket
    ),
    "image: build": Task(IMAGE, {**BUILD, "tags": TAGS}, nothing),
    "image: begin": Task(IMAGE, {**BUILD, "wait": False}, nothing, settles=7200),
    "image: of a pipeline": Task(
        IMAGE,
        {"image_pipeline": "other", "wait_delay": 600},
        made("imagebuilder_image_pipeline", NOUNS["imagebuilder_image_pipeline"]),
    ),
    "image: scan": Task(IMAGE, {**SCAN, "scan_findings": {"fail_on": "CRITICAL"}}, nothing),
    "image: cancel": Task(IMAGE, {**RECIPE, "state": "cancelled"}, building),
    "image: retry": Task(IMAGE, {**RECIPE, "state": "retried"}, untested),
    "image: begin a retry": Task(IMAGE, {**RECIPE, "state": "retried", "wait": False}, untested, settles=7200),
    "image: deprecate": Task(IMAGE, {**ONE, "state": "deprecated"}, built),
    "image: deprecate with AMIs": Task(IMAGE, {**AMIS, "state": "deprecated"}, built),
    "image: disable with AMIs": Task(IMAGE, {**AMIS, "state": "disabled"}, built),
    "image: bring back": Task(IMAGE, {**AMIS, "state": "available"}, disabled),
    "image: delete": Task(IMAGE, {**ONE, "state": "absent"}, built),
    "image: delete with AMIs": Task(IMAGE, GONE, built),
    "image: delete by role": Task(IMAGE, {**GONE, "execution_role": "image-builder"}, built),
    "distribution: to a Region": Task(DISTRIBUTION, {**FARTHER, "tags": TAGS}, near),
    "distribution: of a parameter": Task(
        DISTRIBUTION, {**FARTHER, "source_image": "ssm:/web/image"}, named_by_parameter
    ),
    "distribution: begin": Task(DISTRIBUTION, {**FARTHER, "wait": False}, near, settles=7200),
    "distribution: retry": Task(DISTRIBUTION, FARTHER, stranded),
    "policy": Task("imagebuilder_resource_policy", SHARED, nothing),
    "step: resume": Task(STEP, {**ONE, "name": "Approve", "state": "resumed"}, waiting, settles=7200),
    "step: stop": Task(STEP, {**ONE, "name": "Approve", "state": "stopped"}, waiting, settles=7200),
    "step: read": Task(f"{STEP}_info", {"image_build_version_arn": "web/1.0.0/1"}, waiting),
    "use: read": Task("imagebuilder_image_use_info", {"keep": 0, "delete_after_days": 0, "rollback_days": 0}, built),
    "refresh: release": refresh(nothing, image_id=NEW, mark_unchecked=True),
    "refresh: release, or roll back": refresh(nothing, image_id=NEW, auto_rollback=True, max_unhealthy_hosts=2),
    "refresh: release with an alarm": refresh(
        watched,
        image_id="resolve:ssm:/shop/image",
        alarm_specification={"alarms": ["errors"]},
        checkpoint_percentages=[50],
        checkpoint_delay=60,
    ),
    "refresh: begin": refresh(nothing, 600, image_id=NEW, wait=False),
    "refresh: cancel": refresh(refreshing, state="cancelled"),
    "refresh: turn back": refresh(refreshing, state="rolled_back"),
    "refresh: go back": refresh(released, state="rolled_back"),
    "refresh: begin to go back": refresh(released, 600, state="rolled_back", wait=False),
    "refresh: go back from half-way": refresh(halfway, state="rolled_back"),
    "refresh: checked": refresh(lambda: rolled(image_id=image(), mark_unchecked=True), state="checked"),
    "health": Task("autoscaling_health", {"name": "shop", "managed": True}, nothing),
}
# They make the same calls as others, but for one or two.
VARIANTS = {
    "imagebuilder_component: from a bucket", "image: of a pipeline", "image: scan", "image: begin a retry",
    "distribution: of a parameter", "step: stop", "refresh: release, or roll back", "refresh: begin to go back",
}  # fmt: skip


def prepared(name: str) -> Task:
    """The task after what is there before it was made."""
    task = TASKS[name]
    task.before()
    options = {option: image() if value == NEW else value for option, value in task.options.items()}
    return task._replace(options=options)
