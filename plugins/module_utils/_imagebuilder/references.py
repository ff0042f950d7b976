# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What recipes, pipelines and configurations refer to, looked up before anything is written. Private.

One read a reference, and only for what a task would newly write: a run that changes nothing looks up nothing. What is
missing is a warning, because an earlier task of a check run may be the one that would create it; what is there and does
not fit is refused. A caller who may not look is not stopped by that.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import AWS_FAILURES, Refused, code, refuse, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import tail, versionless
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import (
    DISTRIBUTION,
    INFRASTRUCTURE,
    find_distribution,
    find_infrastructure,
    find_pipeline,
    read,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.rules import (
    distribution_problems,
    infrastructure_problems,
    pipeline_problems,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import api, camel, whole

ABSENT = (
    "ResourceNotFoundException",
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.NotFoundException",
    "NotFoundException",
    "NoSuchBucket",
    "NoSuchEntity",
    "404",
)
TYPES: t.Dict[str, t.Callable[[str], bool]] = {
    "Integer": lambda value: value.lstrip("-").isdecimal(),
    "Boolean": lambda value: value.lower() in ("true", "false"),
}
REFERENCES = {
    "image_recipe_arn": "image-recipe",
    "container_recipe_arn": "container-recipe",
    "infrastructure_configuration_arn": INFRASTRUCTURE,
    "distribution_configuration_arn": DISTRIBUTION,
}
Look = t.Tuple[str, t.Callable[[], object]]  # what it is called, and the read that fails when it is not there


def refuse_uses(aws: Connection, uses: t.Optional[t.List[Shape]], platform: t.Optional[str] = None) -> None:
    """Raise Refused for components of a recipe that cannot be used so. `platform`: the parent's, where it is known."""
    components = [_looked_up(aws, use["component_arn"]) for use in uses or []]
    problems = [
        f"components[{index}] ({tail(use['component_arn'])}) {problem}"
        for index, (use, component) in enumerate(zip(uses or [], components))
        for problem in _problems(use, component, platform)
    ]
    problems += _together(uses or [], components)
    if problems:
        raise Refused(f"{'. '.join(problems)}. Correct the recipe, or change the component first")


def _looked_up(aws: Connection, arn: str) -> Shape:
    """A component; empty when it cannot be seen, or is not there, which is warned of."""
    found: t.List[t.Optional[Shape]] = []
    warn_of_missing(aws, [(f"component {tail(arn)}", lambda: found.append(_there(aws, "component", arn)))])
    return (found and found[0]) or {}


def _problems(use: Shape, component: Shape, platform: t.Optional[str]) -> t.Iterator[str]:
    if not component:
        return
    state = (component.get("state") or {}).get("status", "ACTIVE")
    if state != "ACTIVE":
        yield f"is {state.lower()}"
    if platform and component.get("platform") not in (None, platform):
        yield f"is for {component['platform']}, and the parent image is {platform}"
    if component.get("data"):  # what others sell is not shown, and may not tell its parameters
        known = {parameter["name"]: parameter for parameter in component.get("parameters") or []}
        yield from _parameters(use.get("parameters") or [], known)


def _parameters(given: t.List[Shape], known: t.Dict[str, Shape]) -> t.Iterator[str]:
    names = [parameter["name"] for parameter in given]
    for name in dict.fromkeys(names):
        if name not in known:
            yield f"has no parameter {name}; it has {', '.join(sorted(known)) or 'none'}"
        if names.count(name) > 1:
            yield f"is given the parameter {name} more than once"
    for name, parameter in known.items():
        if name not in names and parameter.get("defaultValue") is None:
            yield f"needs a value for the parameter {name}, which has no default"
    for parameter in given:
        yield from _values(parameter, known.get(parameter["name"], {}).get("type", "StringList"))


def _values(parameter: Shape, kind: str) -> t.Iterator[str]:
    name, values = parameter["name"], parameter["value"]
    if kind.lower() != "stringlist" and len(values) != 1:
        yield f"takes one value for the parameter {name}, and {len(values)} are given"
    fits = TYPES.get(kind.capitalize(), lambda _value: True)
    if not all(fits(value) for value in values):
        yield f"takes a value of type {kind} for the parameter {name}, not {', '.join(values)}"


def _together(uses: t.List[Shape], components: t.List[Shape]) -> t.Iterator[str]:
    """What components of one recipe may not be beside each other."""
    names = [versionless(use["component_arn"]) for use in uses]
    twice = sorted({tail(name) for name in names if names.count(name) > 1})
    if twice:
        yield f"components contains {', '.join(twice)} more than once, in the same or in different versions"
    platforms = sorted({component["platform"] for component in components if component.get("platform")})
    if len(platforms) > 1:
        yield f"components are for {' and '.join(platforms)}, but an image has only one platform"


def warn_of_missing(aws: Connection, looks: t.Iterable[Look]) -> None:
    """Say what is not there yet, in one warning."""
    missing = [name for name, look in looks if _absent(look)]
    if missing:
        warn(
            f"Not found in {aws.region}: {', '.join(missing)}. In check mode, ignore this warning if an earlier task creates it. "
            "Otherwise create it first, or correct its name."
        )


def _absent(look: t.Callable[[], object]) -> bool:
    try:
        look()
    except AWS_FAILURES as problem:
        return code(problem) in ABSENT
    except LookupError:
        return True
    return False


def _there(aws: Connection, kind: str, arn: str) -> Shape:
    found = read(aws, kind, arn)
    if found is None:
        raise LookupError(arn)
    return found


def find_referring_pipeline(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """As `find_pipeline`; warns of what the task newly names and is not there."""
    live = find_pipeline(aws, params)
    now = live or {}
    used = {each["workflowArn"] for each in now.get("workflows") or []} | {
        now.get(camel(option)) for option in REFERENCES
    }
    named = [(kind, params.get(option)) for option, kind in REFERENCES.items()]
    named += [("workflow", each["workflow_arn"]) for each in params.get("workflows") or []]
    if params["state"] == "present":
        refuse(pipeline_problems(params, now))
        warn_of_missing(aws, (_reference(aws, kind, arn) for kind, arn in named if arn and arn not in used))
    return live


def _reference(aws: Connection, kind: str, arn: str) -> Look:
    return f"{kind.replace('-', ' ')} {tail(arn)}", lambda: _there(aws, kind, arn)


def find_referring_infrastructure(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """As `find_infrastructure`; warns of an instance profile that is not there."""
    if params["state"] == "present":
        refuse(infrastructure_problems(params))
    live = find_infrastructure(aws, params)
    profile = params["instance_profile_name"]
    if params["state"] == "present" and profile and profile != (live or {}).get("instanceProfileName"):
        look = _call(aws, "iam", "get_instance_profile", InstanceProfileName=profile)
        warn_of_missing(aws, [(f"instance profile {profile}", look)])
    return live


def warn_of_missing_role(aws: Connection, role: str) -> None:
    """Say that a role, given by name or ARN, is not there; one of another account cannot be looked up."""
    account, name = (role.split(":")[4], role.rpartition("/")[2]) if role.startswith("arn:") else (None, role)
    if account in (None, aws.account_id):
        warn_of_missing(aws, [(f"role {name}", _call(aws, "iam", "get_role", RoleName=name))])


def find_referring_distribution(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """As `find_distribution`; warns of what a Region's distribution newly refers to and is not there."""
    if params["state"] == "present":
        refuse(distribution_problems(params["distributions"] or []))
    live = find_distribution(aws, params)
    known = (live or {}).get("distributions") or []
    for each in whole(api(params["distributions"])) or [] if params["state"] == "present" else []:
        if each not in known:
            there = aws.in_region(each["region"])
            warn_of_missing(there, _targets(there, each))
    return live


def _targets(aws: Connection, each: Shape) -> t.Iterator[Look]:
    """What of this account a distribution refers to."""
    key = (each.get("amiDistributionConfiguration") or {}).get("kmsKeyId")
    bucket = (each.get("s3ExportConfiguration") or {}).get("s3Bucket")
    for template in each.get("launchTemplateConfigurations") or []:
        if not template.get("accountId"):
            yield f"launch template {template['launchTemplateId']}", _template(aws, template["launchTemplateId"])
    if key:
        yield f"KMS key {key}", _call(aws, "kms", "describe_key", KeyId=key)
    if bucket:
        yield f"bucket {bucket}", _call(aws, "s3", "head_bucket", Bucket=bucket)


def _template(aws: Connection, template_id: str) -> t.Callable[[], object]:
    return lambda: aws.client("ec2").describe_launch_templates(LaunchTemplateIds=[template_id])["LaunchTemplates"][0]


def _call(aws: Connection, service: str, operation: str, **asked: t.Any) -> t.Callable[[], object]:
    return lambda: getattr(aws.client(service), operation)(**asked)
