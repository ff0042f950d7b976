# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One play in which every module creates, finds, changes, removes and fails, and its results without what chance decided."""

from __future__ import annotations

import json
import os
import re
import typing as t

from support.codedeploy_shop import zipped
from support.imagebuilder import HELLO, PARENT, distributions
from support.nouns import NOUNS, TRUST, UNTAGGED
from support.plays import ROOT, Emulator, Rows

PREFIX = "slipway.aws."
CANARY = "between-us-4711"  # the value of an option that is a secret
BUCKET = "shop-bundles"
GROUP = {"application_name": "shop", "deployment_group_name": "production"}
COMMAND = {
    "document_name": "AWS-RunShellScript",
    "parameters": {"commands": ["true"]},
    "secret_parameters": {"workingDirectory": CANARY},
    "targets": [{"key": "tag:role", "values": ["nobody"]}],
}
WEB = {"name": "web", "image": "web:1", "memory": 128, "environment": [{"name": "LEVEL", "value": "debug"}]}
TASKS = {"task_definition": {"family": "web", "containerDefinitions": [WEB]}}
CODE = zipped({"main.py": "def handler(event, context): pass"})
HOOK = {"deployment_id": "d-ABCDEF123", "lifecycle_event_hook_execution_id": "x", "status": "Succeeded"}
BAKE = {"application_name": "shop", "deployment_group_name": "none", "minutes": 1}
DISTRIBUTE = {"source_image": "none", "distribution_configuration": "web", "execution_role": "image-builder"}
SHARE = {"component": "none", "policy": {"Statement": [{"Effect": "Allow"}]}}
ANSWER = {"image_build_version_arn": "web/1.0.0/1", "state": "resumed"}
STATEMENT = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
THEIRS = {"assume_role_arn": "arn:aws:iam::210987654321:role/deployer", "assume_role_external_id": CANARY}
NO_SERVICE = {"cluster": "none", "service": "none"}
INGREDIENTS: tuple[tuple[str, dict[str, t.Any]], ...] = (
    ("codedeploy_application", {"name": "shop"}),
    ("imagebuilder_component", {"name": "web", "platform": "Linux", "data": HELLO}),
    ("imagebuilder_image_recipe", {"name": "web", "parent_image": PARENT, "components": [{"component_arn": "web"}]}),
    ("imagebuilder_infrastructure_configuration", {"name": "web", "instance_profile_name": "image-builder"}),
    ("imagebuilder_distribution_configuration", {"name": "web", "distributions": distributions("eu-west-1")}),
)
INGREDIENT = "an ingredient"
BY_CHANCE = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:?\d\d)?"  # a moment
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bd-[A-Z0-9]{9}\b|(?<=slipway:[0-9a-f]{16}-)[0-9a-f]{8}\b|\b(?:i|ami|lt)-[0-9a-f]{8,17}\b"
    r"|(?<=:instance/web-1_)[A-Za-z0-9]{10}"
)


# These stand for all, which are entered and shown by the same code: of each shape one, with every kind of result.
SOME = (
    *("codedeploy_application", "codedeploy_application_info", "codedeploy_revision", "codedeploy_revision_info"),
    *("codedeploy_deployment", "codedeploy_preflight", "ssm_run_command", "policy_statements"),
    *("imagebuilder_component", "imagebuilder_component_info", "imagebuilder_image"),
)


def modules() -> list[str]:
    """Those that talk to AWS where WHOLE_STORY is set, and else some of them."""
    names = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")} - {"show_failure"}
    return sorted(names if is_whole() else names & set(SOME))


def surroundings(account: Emulator) -> None:
    """What other collections make."""
    iam = account.client("iam")
    for name in ("deployer", "image-builder"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName="image-builder")
    iam.add_role_to_instance_profile(InstanceProfileName="image-builder", RoleName="image-builder")
    role = "arn:aws:iam::123456789012:role/deployer"
    account.client("lambda").create_function(
        FunctionName="web", Role=role, Runtime="python3.13", Handler="main.handler", Code={"ZipFile": CODE}
    )
    account.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": account.client("s3").meta.region_name}
    )


def story(service: str) -> Rows:
    """The part of one service; the modules of the others go with CodeDeploy."""
    told = set(modules())
    tasks = [task for task in _whole() if ("imagebuilder" in task["name"]) == (service == "imagebuilder")]
    tasks = [task for task in tasks if _module(task) in told or task["name"].endswith(INGREDIENT)]
    return [*tasks, *_odd()] if service == "codedeploy" else tasks


def is_whole() -> bool:
    return bool(os.environ.get("WHOLE_STORY"))


def _module(task: dict[str, t.Any]) -> str:
    return str(task["name"]).partition(":")[0]


def _whole() -> Rows:
    made = [_task(INGREDIENT, module, options) for module, options in INGREDIENTS]
    created = [task for noun in NOUNS for task in _life(noun)]
    removed = [_task("remove", noun, {**_named(noun), "state": "absent"}) for noun in reversed(NOUNS)]
    return [*made, *created, *_acts(), *removed, *(_task("refuse", name, {"nonsense": 1}) for name in modules())]


def without_chance(result: t.Any) -> t.Any:
    """Moments and identifiers by what they are, and not by their values."""
    return json.loads(BY_CHANCE.sub("<chance>", json.dumps(result, sort_keys=True)))


def _life(noun: str) -> Rows:
    tags = {} if noun in UNTAGGED else {"tags": {"Team": "shop"}}
    return [
        _task("create", noun, NOUNS[noun]),
        _task("again", noun, NOUNS[noun]),
        _task("change", noun, {**NOUNS[noun], **tags}, check_mode=True, diff=True),
        _task("read", f"{noun}_info", _read(noun)),
    ]


def _acts() -> Rows:
    revision = {"application_name": "shop", "src": str(ROOT / "examples" / "storefront"), "bucket": BUCKET}
    build = {"image_recipe": "web", "infrastructure_configuration": "web", "distribution_configuration": "web"}
    return [
        _task("push", "codedeploy_revision", revision, register="pushed"),
        _task("push again", "codedeploy_revision", revision),
        _task("read", "codedeploy_revision_info", {"application_name": "shop"}),
        _task("deploy to nobody", "codedeploy_deployment", {**GROUP, "revision": "{{ pushed.revision }}"}),
        _task("read", "codedeploy_deployment_info", GROUP),
        _task("look", "codedeploy_preflight", GROUP),
        _task("read", "codedeploy_fleet_info", GROUP),
        _task("read", "codedeploy_census_info", {}),
        _task("build", "imagebuilder_image", {**build, "wait": False}),
        _task("read", "imagebuilder_image_info", {"name": "web"}),
        _task("distribute later", "imagebuilder_image_distribution", DISTRIBUTE, check_mode=True),
        _task("read", "imagebuilder_image_use_info", {}),
        _task("share later", "imagebuilder_resource_policy", SHARE, check_mode=True),
        _task("read", "imagebuilder_workflow_step_info", {}),
        _task("answer nobody", "imagebuilder_workflow_step", {**ANSWER, "wait": False}),
        *_packages(),
        *_bundled(),
        _task("roll", "autoscaling_refresh", {"name": "nobody"}),
        _task("look at nobody", "autoscaling_health", {"name": "nobody"}),
        _task("give", "autoscaling_group_settings", {"name": "nobody", "settings": {}}),
        _task("read", "autoscaling_group_settings_info", {"names": ["nobody"]}),
        _task("register", "ecs_task_definition_revision", TASKS),
        _task("register again", "ecs_task_definition_revision", {**TASKS, "tags": {"Team": "shop"}}, diff=True),
        _task("publish", "lambda_version", {"name": "web", "retain": 1}),
        _task("publish again", "lambda_version", {"name": "web"}),
        _task("look past it", "codedeploy_service_preflight", {**NO_SERVICE, "ignore_problems": ["service_missing"]}),
        _task("bake nothing", "codedeploy_bake_time", BAKE),
        _task("report to nobody", "codedeploy_lifecycle_hook", HOOK),
        _task("look", "ssm_run_command", COMMAND, check_mode=True),
        _task("run on nobody", "ssm_run_command", {**COMMAND, "wait": False}),
        _task("read", "ssm_managed_node_info", {"package_name": "codedeploy-agent"}),
        _task("read", "ssm_package_fleet_info", {"name": "AmazonCloudWatchAgent"}),
        _task("read", "iam_host_role_info", {"instance_profile": "image-builder"}),
        _task("add", "policy_statements", {"role": "deployer", "policy_name": "read", "statements": [STATEMENT]}),
        _task("add again", "policy_statements", {"role": "deployer", "policy_name": "read", "statements": [STATEMENT]}),
    ]


def _packages() -> Rows:
    name: dict[str, t.Any] = {"name": "shop-agent"}
    scripts = str(ROOT / "tests" / "integration" / "targets" / "ssm_distributor_package" / "files" / "agent")
    package = {**name, "version": "1.0.0", "src": scripts, "bucket": BUCKET}
    return [
        _task("publish", "ssm_distributor_package", package),
        _task("publish again", "ssm_distributor_package", package),
        _task("read", "ssm_distributor_package_info", {"names": ["shop-agent"], "include_tags": True}),
        _task("remove", "ssm_distributor_package", {**name, "state": "absent"}, check_mode=True),
        _task("remove", "ssm_distributor_package", {**name, "state": "absent", "wait": False}),
    ]


def _bundled() -> Rows:
    """Components that bring a bundle with them."""
    targets = ROOT / "tests" / "integration" / "targets"
    application = {"name": "shop", "src": str(ROOT / "examples" / "storefront"), "bucket": BUCKET}
    site = str(targets / "imagebuilder_application_component" / "files" / "site")
    role = {"name": "note", "src": site, "roles": ["note"], "ansible_core_version": "2.17.14", "bucket": BUCKET}
    return [
        _task(what, f"imagebuilder_{kind}_component", options, diff=True)
        for kind, whole in (("application", application), ("ansible", role))
        for what, options in (
            ("create", whole),
            ("again", whole),
            ("remove", {"name": whole["name"], "state": "absent"}),
        )
    ]


def _odd() -> Rows:
    application: dict[str, t.Any] = {"name": "odd"}
    module = "codedeploy_application"
    return [
        _task("warn", "codedeploy_preflight", {**GROUP, "deployment_group_name": "none"}, check_mode=True),
        _task("hide a result", module, application, no_log=True),
        _task("hide an option", module, {**application, **THEIRS}),
        _task("go elsewhere by option", f"{module}_info", {"region": "us-east-1"}),
        _task("go elsewhere by environment", f"{module}_info", {}, environment={"AWS_DEFAULT_REGION": "us-west-2"}),
    ]


def _named(noun: str) -> dict[str, t.Any]:
    names = ("name", "application_name", *(("type",) if noun == "imagebuilder_workflow" else ()))
    return {name: value for name, value in NOUNS[noun].items() if name in names}


def _read(noun: str) -> dict[str, t.Any]:
    """By its name in Image Builder; in CodeDeploy all that there are."""
    if noun == "imagebuilder_workflow":
        return {"name": "test/other"}
    return {name: value for name, value in _named(noun).items() if "codedeploy" not in noun or name != "name"}


def _task(what: str, module: str, options: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    """Braces that Image Builder fills in are none of Ansible's."""
    text = json.dumps(options).replace("{{{ imagebuilder:", "{{ '{{{' }} imagebuilder:")
    given = json.loads(re.sub(r"(?<!')\{\{ imagebuilder:", "{{ '{{' }} imagebuilder:", text))
    return {"name": f"{module}: {what}", PREFIX + module: given, "ignore_errors": True, **more}
