# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of the documentation is run in check mode in a world that holds what the examples speak of.

Nothing is left out: templates are evaluated with what earlier tasks of the same example registered.
"""

from __future__ import annotations

import datetime
import importlib
import json
import shutil
import typing as t
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
import yaml
from ansible.plugins.filter.core import FilterModule as CoreFilters
from jinja2 import StrictUndefined
from jinja2.filters import FILTERS as FILTERS_OF_JINJA
from jinja2.nativetypes import NativeEnvironment
from support.codedeploy_shop import REGION
from support.distributor import SCRIPTS, Shelf, sources
from support.ecs_shop import EcsWorld
from support.fleets import Fleet
from support.imagebuilder import APPROVED, PARENT, done, instance_profile
from support.lambda_shop import LambdaShop
from support.lookups import look_up
from support.modules import CONNECTION, MODULES, run_module
from support.nouns import TRUST
from support.refreshes import alarm
from support.rolling import change

from ansible_collections.slipway.aws.plugins.module_utils._core import waiting
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world as emulated_world

ROOT = Path(__file__).resolve().parents[4]
SOURCES = sorted((ROOT / "plugins" / "modules").glob("[!_]*.py"))
LOOKUPS = sorted((ROOT / "plugins" / "lookup").glob("*.py"))
FILTERS = sorted((ROOT / "plugins" / "filter").glob("*.yml"))
ASSERT, DEBUG, STATS = "ansible.builtin.assert", "ansible.builtin.debug", "ansible.builtin.set_stats"
OURS = "slipway.aws."
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
KEYWORDS = {"name", "register", "vars", "loop", "loop_control", "when", "check_mode", "failed_when", "changed_when"}

Tasks = list[dict[str, t.Any]]
SCANNED = {"image_scanning_configuration": {"image_scanning_enabled": True}}
OMIT = "__omit__"  # what Ansible leaves out of a task's options
A_REVISION = {
    "revision_type": "S3",
    "s3_location": {"bucket": "example-releases", "key": "storefront-1.4.2.zip", "bundle_type": "zip"},
}
A_MANIFEST = {
    "schemaVersion": "2.0",
    "version": "1.0.0",
    "packages": {"amazon": {"_any": {"_any": {"file": "agent-linux.zip"}}}},
    "files": {"agent-linux.zip": {"checksums": {"sha256": "0f" * 32}}},
}


class Unsafe(str):
    """A string that is no template."""


class Loader(yaml.SafeLoader):
    """Knows Ansible's tag for strings that are no templates."""


Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(loader.construct_scalar(node)))


def tasks_of(text: str) -> Tasks:
    return list(Loader(text).get_single_data())


def examples_of(source: Path) -> Tasks:
    return tasks_of(importlib.import_module(f"{MODULES}.{source.stem}").EXAMPLES)


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The world of the examples, and what in it stands for the ids that only AWS assigns."""
    folder = tmp_path_factory.mktemp("examples")
    for name in ("storefront", "app"):
        shutil.copytree(ROOT / "examples" / "storefront", folder / name)
    shutil.copy(ROOT / "examples" / "storefront" / "appspec.yml", folder)
    shutil.make_archive(str(folder / "storefront-1.5.0"), "zip", folder / "storefront")
    (folder / "manifest.json").write_text(json.dumps(A_MANIFEST))
    (folder / "workflow.yml").write_text(APPROVED)
    for path in ("web.yml", "roles/hardening/tasks/main.yml", "wheels/ansible_core.whl"):
        (folder / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "site" / path).touch()
    leap = SimpleNamespace(sleep=clock.advance, monotonic=clock.now)
    with emulated_world(), pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(waiting, "time", leap)
        patch.setattr("time.sleep", clock.advance)
        made = a_shop()
        a_package(folder)
        an_image()
        an_association()
        a_service(folder)
        yield {**made, **a_function()}


def a_shop() -> dict[str, str]:
    """The storefront: a fleet that runs it, its deployment group, its bundles."""
    fleet = Fleet()
    fleet.bucket = "example-releases"
    instances = fleet.scaled("storefront", 2)
    fleet.ec2.create_tags(Resources=instances, Tags=[{"Key": "Application", "Value": "storefront"}])
    filters = [{"Key": "Application", "Value": "storefront", "Type": "KEY_AND_VALUE"}]
    fleet.group("production", "storefront", ec2TagFilters=filters)
    fleet.config("three-quarters-healthy", "FLEET_PERCENT", 75)
    fleet.deployed(fleet.bundle("storefront-1.4.1.zip"), group="production", application="storefront")
    first = fleet.bundle("storefront-1.4.2.zip")
    deployed = fleet.deployed(first, group="production", application="storefront")
    second = fleet.bundle("storefront-1.4.3.zip")
    fleet.group("staging", "storefront", ec2TagFilters=filters)
    fleet.deployed(second, group="staging", application="storefront", fileExistsBehavior="OVERWRITE")
    fleet.launch(1, Color="green")
    fleet.scaled("CodeDeploy_production_d-ABCDEF123", 0)
    green = {"greenFleetProvisioningOption": {"action": "DISCOVER_EXISTING"}}
    style = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
    replaced = {"deploymentStyle": style, "blueGreenDeploymentConfiguration": green}
    fleet.group("blue-green", "storefront", ec2TagFilters=filters, **replaced)
    image = [change(fleet, "storefront") for _version in ("2", "3")][0]
    alarm("storefront-errors")
    network = fleet.ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    location = {"LocationConstraint": fleet.region}
    fleet.s3.create_bucket(Bucket="build-logs", CreateBucketConfiguration=location)
    targets = [{"Key": "tag:Application", "Values": ["storefront"]}]
    commands = {"commands": ["true"]}
    sent = boto3.client("ssm", fleet.region).send_command(
        DocumentName="AWS-RunShellScript", Targets=targets, Parameters=commands
    )
    return {
        "11111111-2222-4333-8444-555555555555": sent["Command"]["CommandId"],
        "d-ABCDEF123": deployed["deploymentId"],
        "ami-0123456789abcdef0": image,
        "subnet-0123456789abcdef0": fleet.subnet,
        "sg-0123456789abcdef0": network,
        "d41d8cd98f00b204e9800998ecf8427e": first["s3Location"]["eTag"],
        "9e107d9d372bb6826bd81d3542a419d6": second["s3Location"]["eTag"],
    }


def a_package(folder: Path) -> None:
    """What the examples of packages publish, and what they call shop-agent: two versions of the same."""
    sources(folder / "monitoring-agent", {"amazon/2023/x86_64": SCRIPTS})
    shelf = Shelf("shop-agent", "example-releases", folder / "monitoring-agent")
    shelf.done()
    shelf.done("2.0.0", default_version="latest")


def an_image() -> None:
    """What the examples of Image Builder call golden: made by the examples themselves, each by its first task."""
    instance_profile()
    component = examples_of(ROOT / "plugins" / "modules" / "imagebuilder_component.py")[0][
        OURS + "imagebuilder_component"
    ]
    for version in ("1.0.0", "2.0.0"):  # the older one is free to be removed
        done("imagebuilder_component", {**component, "semantic_version": version})
    for noun in (
        "application_component",
        "image_recipe",
        "infrastructure_configuration",
        "distribution_configuration",
        "image_pipeline",
        "image",
        "lifecycle_policy",
        "workflow",
        "container_recipe",
    ):
        name = f"imagebuilder_{noun}"
        first = plain(examples_of(ROOT / "plugins" / "modules" / f"{name}.py")[0][OURS + name] or {}, {})
        done(name, {**first, **SCANNED} if noun == "image_pipeline" else first)
    an_image_that_waits()


def an_image_that_waits() -> None:
    """The build that the examples of workflow steps answer."""
    done("imagebuilder_image_recipe", {"name": "approved", "parent_image": PARENT, "semantic_version": "1.0.0"})
    build = {"image_recipe": "approved", "infrastructure_configuration": "golden", "execution_role": "image-builder"}
    workflows = [{"workflow": "aws:build/build-image"}, {"workflow": "test/approved-test"}]
    done("imagebuilder_image", {**build, "workflows": workflows, "wait": False})
    clock.advance(1500)


def an_association() -> None:
    """What the examples of State Manager call keep-acme-agent."""
    first = examples_of(ROOT / "plugins" / "modules" / "ssm_association.py")[0][OURS + "ssm_association"]
    done("ssm_association", {**first, "wait": False})


def a_service(folder: Path) -> None:
    """The storefront as containers: a service that CodeDeploy deploys to, and an image of it in ECR."""
    shop = EcsWorld()
    definition = shop.revision("storefront:1.4.1", family="storefront")
    blue, _green = (shop.target_group(f"storefront-{colour}") for colour in ("blue", "green"))
    listener = shop.listener(8000, blue)
    shop.service("storefront", taskDefinition="storefront", loadBalancers=shop.behind(blue))
    pair = {
        "targetGroups": [{"name": "storefront-blue"}, {"name": "storefront-green"}],
        "prodTrafficRoute": {"listenerArns": [listener]},
    }
    settings = {
        "ecsServices": [{"clusterName": "shop", "serviceName": "storefront"}],
        "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
        "blueGreenDeploymentConfiguration": {"deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}},
    }
    a_group("ECS", "storefront-ecs", "production", **settings)
    an_image_in_ecr("storefront", "1.4.2")
    containers = [{"name": "web", "image": "storefront:1.4.2", "memory": 128}]
    (folder / "taskdef.json").write_text(json.dumps({"family": "storefront", "containerDefinitions": containers}))
    properties = {"TaskDefinition": definition, "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80}}
    resource = {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
    (folder / "appspec.yaml").write_text(yaml.safe_dump({"version": 0.0, "Resources": [resource]}))
    clock.advance(60)  # the tasks start


def an_image_in_ecr(repository: str, tag: str) -> None:
    part = {"digest": f"sha256:{'0f' * 32}", "size": 1}
    manifest = {"schemaVersion": 2, "mediaType": DOCKER, "config": part, "layers": [part]}
    ecr = boto3.client("ecr", REGION)
    ecr.create_repository(repositoryName=repository)
    ecr.put_image(repositoryName=repository, imageManifest=json.dumps(manifest), imageTag=tag)


def a_group(platform: str, application: str, group: str, **settings: t.Any) -> None:
    done("codedeploy_application", {"name": application, "compute_platform": platform})
    trust = json.dumps(TRUST)
    role = boto3.client("iam").create_role(RoleName=application, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    names = {"applicationName": application, "deploymentGroupName": group, "serviceRoleArn": role}
    boto3.client("codedeploy", REGION).create_deployment_group(**names, **settings)


def a_function() -> dict[str, str]:
    """The checkout, whose alias was moved to version 7, with a version 8; and a deployment of a function that waits for its hook."""
    shop = LambdaShop()
    for name in ("storefront", "checkout", "check", "CodeDeployHook_check_checkout"):
        shop.function(name)
    for number in range(2, 9):
        shop.release(str(number), "checkout")
    shop.functions.create_alias(FunctionName="checkout", Name="live", FunctionVersion="6")
    a_group("Lambda", "checkout", "live")
    names = {"application_name": "checkout", "deployment_group_name": "live"}
    moved = {"function_name": "checkout", "alias": "live", "target_version": "7"}
    done("codedeploy_deployment", {**names, "lambda": moved})
    shop.lambda_group()
    faults.add({"kind": "hook-silent", "function_name": "check"})
    return {"d-ABCDEF456": shop.shift(hooks={"BeforeAllowTraffic": "check"})}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_examples_of_a_module_run(source: Path, stand_ins: dict[str, str]) -> None:
    tasks = examples_of(source)
    assert any(OURS + source.stem in task for task in tasks)
    play(tasks, stand_ins)


@pytest.mark.parametrize("source", LOOKUPS, ids=lambda path: path.stem)
def test_the_examples_of_a_lookup_hold(source: Path, stand_ins: dict[str, str]) -> None:
    text = importlib.import_module(f"{MODULES.rpartition('.')[0]}.lookup.{source.stem}").EXAMPLES
    assert OURS + source.stem in text
    play(tasks_of(text), stand_ins)


@pytest.mark.parametrize("source", FILTERS, ids=lambda path: path.stem)
def test_the_examples_of_a_filter_hold(source: Path, stand_ins: dict[str, str]) -> None:
    text = yaml.safe_load(source.read_text())["EXAMPLES"]
    assert OURS + source.stem in text
    play(tasks_of(text), stand_ins)


def play(tasks: Tasks, stand_ins: dict[str, str]) -> None:
    """Run tasks one after the other, as a play in check mode would."""
    variables: dict[str, t.Any] = {"omit": OMIT, "playbook_dir": str(Path.cwd()), "slipway_revision": A_REVISION}
    for task in tasks:
        (action,) = set(task) - KEYWORDS
        assert task["name"][0].isupper() and not task["name"].endswith(".")
        own = plain(task.get("vars", {}), variables)
        for item in rendered(task["loop"], variables) if "loop" in task else [None]:
            if "when" in task and not rendered(f"{{{{ {task['when']} }}}}", {**variables, **own, "item": item}):
                continue
            came = act(action, task[action] or {}, {**variables, **own, "item": item}, stand_ins)
            variables |= {task["register"]: came} if "register" in task else {}


def act(action: str, options: dict[str, t.Any], variables: dict[str, t.Any], stand_ins: dict[str, str]) -> t.Any:
    if action == ASSERT:
        that = options["that"] if isinstance(options["that"], list) else [options["that"]]
        for claim in that:
            assert rendered(f"{{{{ {claim} }}}}", variables) is True, claim
        return {}
    if action == DEBUG:
        assert rendered(options["msg"], variables)
        return {}
    if action == STATS:
        assert all(rendered(value, variables) for value in options["data"].values())
        return {}
    assert action.startswith(OURS), f"{action} is none of this collection's modules"
    outcome = run_module(action.removeprefix(OURS), plain(options, variables, stand_ins), check_mode=True)
    assert not outcome.failed, outcome.msg
    assert outcome.writes == []
    return outcome.result


def plain(value: t.Any, variables: dict[str, t.Any], stand_ins: dict[str, str] | None = None) -> t.Any:
    """The options as a module gets them: templates evaluated, stand-ins put in."""
    if isinstance(value, dict):
        found = {key: plain(each, variables, stand_ins) for key, each in value.items()}
        return {key: each for key, each in found.items() if each != OMIT}
    if isinstance(value, list):
        return [plain(each, variables, stand_ins) for each in value]
    if isinstance(value, Unsafe):
        return str(value)
    if isinstance(value, str):
        return json.loads(json.dumps(rendered((stand_ins or {}).get(value, value), variables)))
    return value


def rendered(template: str, variables: dict[str, t.Any]) -> t.Any:
    return template if "{{" not in template else ENVIRONMENT.from_string(template).render(**variables)


def lookup(plugin: str, *terms: str, **options: t.Any) -> t.Any:
    if plugin.startswith(OURS):
        return look_up(plugin, *terms, **{**CONNECTION, **options})
    assert plugin == "ansible.builtin.file"
    return Path(*terms).read_text()


# Ansible's own templating needs its plugin loader, which takes the imports of a process over; the examples need this much.
ENVIRONMENT = NativeEnvironment(undefined=StrictUndefined)
ENVIRONMENT.filters |= {
    **CoreFilters().filters(),
    **{f"ansible.builtin.{name}": filter_ for name, filter_ in CoreFilters().filters().items()},
    "default": FILTERS_OF_JINJA["default"],
}  # Ansible's knows only its own undefined
for source in FILTERS:
    ours = importlib.import_module(f"ansible_collections.slipway.aws.plugins.filter.{source.stem}").FilterModule()
    ENVIRONMENT.filters |= {OURS + name: filter_ for name, filter_ in ours.filters().items()}
ENVIRONMENT.globals |= {"lookup": lookup, "now": lambda: datetime.datetime.now(datetime.UTC)}
