# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written of a group, given to the module, changes nothing; and what AWS says stays text."""

from __future__ import annotations

import typing as t
from pathlib import Path

import boto3
import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from support import blocks
from support.codedeploy_shop import ROLE
from support.deployment_groups import TOPIC, scaling_group
from support.modules import run_module

from ansible_collections.slipway.aws.plugins.filter.adopted import adopted
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_options import GROUP_OPTIONS
from ansible_collections.slipway.aws.plugins.plugin_utils._files import adoption
from ansible_collections.slipway.aws.plugins.plugin_utils._files.adoption_traffic import OF_FUNCTION, OF_SERVICE

ROLES = Path(__file__).resolve().parents[4] / "roles"
NAME = {"application_name": "web", "name": "prod"}
VARIANTS = [
    {**row.base, row.option: variant}
    for row in blocks.ROWS
    if row.base.get("application_name") == "web"
    for variant in row.variants
    if variant
]
EVIL = "a: b # {{ lookup('pipe', 'touch /tmp/evil') }}"
FLEET = {"fleet": {"revision": None}, "hosts": []}


@pytest.fixture
def surroundings(world: None) -> None:
    scaling_group("one")
    boto3.client("sns", "eu-west-1").create_topic(Name=TOPIC.rpartition(":")[2])
    run_module("codedeploy_application", {"name": "web"})


def read(name: str) -> dict[str, t.Any]:
    found = run_module("codedeploy_deployment_group_info", {"application_name": "web", "names": [name]})
    return dict(found["deployment_groups"][0])


def group(**more: t.Any) -> dict[str, t.Any]:
    return {"deployment_group_name": "prod", "service_role_arn": ROLE, "deployment_config_name": "Half", **more}


def loaded(text: str, tmp_path: Path, **more: t.Any) -> Templar:
    """The variables of the file as `-e @file` reads them, with others beside them."""
    (tmp_path / "variables.yml").write_text(text)
    loader = DataLoader()
    return Templar(
        loader=loader,
        variables={**loader.load_from_file(str(tmp_path / "variables.yml"), trusted_as_template=True), **more},
    )


def value(variables: Templar, name: str) -> t.Any:
    return variables.template(variables.available_variables[name])


def test_every_setting_is_written_as_it_is(surroundings: None) -> None:
    """What is written of a group, the module finds in place, and another group that is made of it is the same."""
    for number, options in enumerate(VARIANTS):
        name = f"group-{number}"
        assert not run_module("codedeploy_deployment_group", {**NAME, **options, "name": name}).failed
        group = adoption.Group(read(name), {}, {})
        said = adoption.settings(group, {})
        again = {**{k: v for k, v in said.items() if k in adoption.OWN}, **said.get("options", {})}
        found = run_module("codedeploy_deployment_group", {**NAME, **again, "name": name})
        assert not found.failed and not found.changed and not found.writes, options
        if not group.is_copied:  # whose Auto Scaling group is not written
            assert run_module("codedeploy_deployment_group", {**NAME, **again, "name": "twin"}).changed
            assert adoption.settings(adoption.Group(read("twin"), {}, {}), {}) == said
            run_module("codedeploy_deployment_group", {**NAME, "name": "twin", "state": "absent"})


def test_the_role_takes_every_option_that_is_written() -> None:
    specs = yaml.safe_load((ROLES / "app_deployment" / "meta" / "argument_specs.yml").read_text())
    taken = set(specs["argument_specs"]["main"]["options"]["app_deployment_group_options"]["options"])
    elsewhere = {"ecs_services", "keep_copied_group"}  # of another platform, and of a task
    assert set(GROUP_OPTIONS) - set(adoption.OWN) - elsewhere <= taken


def test_what_aws_says_is_text(tmp_path: Path) -> None:
    tags = {"Team": EVIL, "Empty": "", "Number": "0123", "Yes": "yes", "Lines": "a\nb: c\u202e\x1b[2J", "{{ 7 }}": "ü"}
    alarms = {"enabled": True, "alarms": [{"name": EVIL}]}
    name = "shop\nslipway_evil: true"
    text = adopted(
        {"application_name": name, "tags": tags},
        [group(tags=tags, alarm_configuration=alarms)],
        [FLEET],
        [{}],
        "eu-west-1",
    )
    found = loaded(text, tmp_path)
    assert "slipway_evil" not in found.available_variables
    assert value(found, "slipway_application") == name
    assert value(found, "app_deployment_tags") == tags
    assert value(found, "app_deployment_group_options")["alarm_configuration"]["alarms"] == [{"name": EVIL}]
    assert text.isascii() and text.isprintable() is False and "\x1b" not in text


def test_a_group_is_chosen_and_a_bundle_takes_the_place_of_the_revision(tmp_path: Path) -> None:
    revision = {"revision_type": "S3", "s3_location": {"bucket": "bundles", "key": "app.zip", "bundle_type": "zip"}}
    live = {"fleet": {"revision": revision, "deployment_id": "d-1"}, "hosts": []}
    groups = [group(auto_scaling_groups=["web"]), group(deployment_group_name="{{ canary }}", auto_scaling_groups=[])]
    text = adopted({"application_name": "shop"}, groups, [live, FLEET], [{"changed": False}, {}], "eu-west-1")
    found = loaded(text, tmp_path)
    assert value(found, "slipway_deployment_group") == "prod" and value(found, "slipway_fleet") == "web"
    assert value(found, "app_deployment_revision") == revision and value(found, "slipway_bucket") == "bundles"
    found = loaded(text, tmp_path, slipway_bundle="./shop")
    assert value(found, "app_deployment_revision") == {}
    found.available_variables["slipway_deployment_group"] = "{{ canary }}"
    assert value(found, "slipway_fleet") == "" == value(found, "slipway_bucket")


def test_what_would_not_last_or_would_deploy_is_told_and_not_written() -> None:
    revision = {"revision_type": "S3", "s3_location": {"bucket": "bundles", "key": "app.zip", "bundle_type": "zip"}}
    copied = {"green_fleet_provisioning_option": {"action": "COPY_AUTO_SCALING_GROUP"}}
    fleet = {"fleet": {"revision": revision}, "hosts": [{"image_id": "ami-1", "state": "stopped"}]}
    scaled = group(auto_scaling_groups=["CodeDeploy_prod_d-1"], blue_green_deployment_configuration=copied)
    plan = {"changed": True, "reason": "1 of 1 hosts never got it"}
    text = adopted({"application_name": "shop"}, [scaled], [fleet], [plan], "")
    variables = yaml.safe_load(text)
    assert set(variables["slipway_group_settings"]["prod"]) == {"service_role_arn", "deployment_config_name", "options"}
    assert "# 1 host, 1 of them not running, launched from ami-1." in text
    assert "(now: CodeDeploy_prod_d-1)" in text and "s3://bundles/app.zip" in text and "never got it" in text
    assert not {"slipway_region", "slipway_fleet", "app_deployment_revision"} & set(variables)


def test_hosts_on_premises_are_counted_as_what_they_are() -> None:
    hosts = [{"state": "registered", "on_premises": True}, {"state": "running", "image_id": "ami-1"}]
    text = adopted({"application_name": "shop"}, [group()], [{"fleet": {}, "hosts": hosts}], [{}], "")
    assert "# 2 hosts, 1 of them on premises, launched from ami-1." in text


def told(platform: str, settings: dict[str, t.Any], fleet: dict[str, t.Any], plan: dict[str, t.Any]) -> str:
    return adopted({"application_name": "web", "compute_platform": platform}, [settings], [fleet], [plan], "eu-west-1")


def of_service(definition: str | None) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    named = {"cluster_name": "shop", "service_name": "web"}
    service = {"service": {**named, "task_definition": definition, "desired_count": 2}}
    return group(ecs_services=[named]), service


def test_a_service_and_what_serves_in_it(tmp_path: Path) -> None:
    text = told("ECS", *of_service("web:7"), {"changed": False})
    assert "# 2 tasks serve." in text and "slipway.aws.deploy_ecs -e @FILE -e slipway_image=IMAGE" in text
    found = loaded(text, tmp_path)
    names = ("slipway_cluster", "slipway_service", "ecs_deployment_config_name", "ecs_deployment_task_definition")
    assert [value(found, name) for name in names] == ["shop", "web", "Half", "web:7"]
    assert value(loaded(text, tmp_path, slipway_image="web:2"), "ecs_deployment_task_definition") == ""


def test_a_function_and_the_version_of_its_alias(tmp_path: Path) -> None:
    moved = {"function_name": "checkout", "function_alias": "live", "target_version": "2"}
    fleet = {"deployments": [{"targets": [{"lambda_function_info": moved}]}]}
    found = loaded(told("Lambda", group(), fleet, {"changed": False}), tmp_path)
    names = ("slipway_function", "slipway_alias", "lambda_deployment_version", "lambda_deployment_service_role_arn")
    assert [value(found, name) for name in names] == ["checkout", "live", "2", ROLE]
    drifted = told("Lambda", group(), fleet, {"changed": True, "reason": "the alias has version 3"})
    assert (
        "The last release is 2. It is not named here, because a run would deploy it: the alias has version 3."
        in drifted
    )
    assert "lambda_deployment_version:" not in drifted


@pytest.mark.parametrize(
    ("platform", "given", "said"),
    [
        ("ECS", of_service(None), "The service does not exist or cannot be read, so the next run needs slipway_image."),
        (
            "Lambda",
            (group(), {"deployments": []}),
            "Nothing was deployed successfully yet, so the next run needs slipway_function.",
        ),
    ],
)
def test_why_no_release_is_written(platform: str, given: t.Any, said: str) -> None:
    assert said in told(platform, *given, {"skipped": True, "changed": False})


@pytest.mark.parametrize("platform", ["ecs", "lambda"])
def test_the_roles_for_traffic_take_every_option_that_is_written(platform: str) -> None:
    specs = yaml.safe_load((ROLES / f"{platform}_deployment" / "meta" / "argument_specs.yml").read_text())
    taken = specs["argument_specs"]["main"]["options"][f"{platform}_deployment_group_options"]["options"]
    assert set({"ecs": OF_SERVICE, "lambda": OF_FUNCTION}[platform]) == set(taken)
