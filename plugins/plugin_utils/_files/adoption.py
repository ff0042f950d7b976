# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An existing application -> a file of variables, as a person would write it. Pure.

What AWS returns is data. So texts are quoted where YAML would read something else, and marked `!unsafe` where Ansible
would evaluate them. What the file does not name keeps the value that it has, so defaults are left out.
"""

from __future__ import annotations

import textwrap
import typing as t

import yaml

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import group_options
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet import kind_of
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import DEFAULTS
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import EMPTY, to_result
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line, some
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.failure import in_words

Map = t.Mapping[str, t.Any]

WIDTH = 140  # of comments
TEMPLATES = ("{{", "{%", "{#")
CHOSEN = "slipway_group_settings[slipway_deployment_group]"
# Options of a group that have a variable of their own in the role; all others are in `options`.
OWN = ("service_role_arn", "deployment_config_name", "auto_scaling_groups", "ec2_tag_filters")
FILTERS = ("ec2_tag_filters", "on_premises_instance_tag_filters")
COPIED = "COPY_AUTO_SCALING_GROUP"


class Group(t.NamedTuple):
    """A deployment group, its hosts, and what a deployment of its last good revision would do."""

    settings: Map  # as codedeploy_deployment_group_info returns it, with tags
    fleet: Map  # as codedeploy_fleet_info returns it
    plan: Map  # as codedeploy_deployment returns it in check mode

    @property
    def name(self) -> str:
        return str(self.settings["deployment_group_name"])

    @property
    def is_copied(self) -> bool:
        """Whether each deployment replaces the Auto Scaling group by a copy, so that its name does not last."""
        green = (self.settings.get("blue_green_deployment_configuration") or {}).get("green_fleet_provisioning_option")
        return (green or {}).get("action") == COPIED

    @property
    def revision(self) -> Map:
        return dict(self.fleet.get("fleet", {}).get("revision") or {})

    @property
    def is_live(self) -> bool:
        """Whether the next run with this release deploys nothing."""
        return not self.plan.get("skipped") and not self.plan.get("changed") and not self.plan.get("msg")


class Platform(t.NamedTuple):
    """What is told of groups of one compute platform. `release` is what a deployment is of, in the words of the comments."""

    release: str
    command: str  # what deploys another release
    settings: t.Callable[[Group, Map], dict[str, t.Any]]
    about: t.Callable[[Group], list[str]]
    reasons: t.Callable[[Group, str], list[str]]
    left_out: t.Callable[[Group, Map], list[str]]
    references: t.Callable[[t.Sequence[dict[str, t.Any]]], dict[str, str]]


def text(application: Map, groups: t.Sequence[Group], region: str, chosen: str, platform: Platform) -> str:
    """The file of an application and its groups; `chosen` is the group that is deployed to unless another is named."""
    name, names = str(application["application_name"]), [one.name for one in groups]
    said = [platform.settings(one, application.get("tags") or {}) for one in groups]
    parts = [
        _header(name, region, platform),
        _dumped({**({"slipway_region": region} if region else {}), "slipway_application": name}),
        _choice(names),
        _dumped({"slipway_deployment_group": chosen or names[0]}),
        "\nslipway_group_settings:\n",
        *(_group(one, of_one, platform) for one, of_one in zip(groups, said)),
        "\n" + _comment("What follows takes the settings of the deployment group that is chosen."),
        *(f'{variable}: "{{{{ {value} }}}}"\n' for variable, value in platform.references(said).items()),
    ]
    return "".join(parts)


def _header(name: str, region: str, platform: Platform) -> str:
    where = f" in {region}" if region else ""
    lines = [
        f"The CodeDeploy application {name}{where} as it is in AWS, written by the playbook slipway.aws.adopt.",
        f"Settings that are not named here keep the value that they have. To deploy {platform.release}:",
        f"  ansible-playbook {platform.command}",
    ]
    return "---\n" + "".join(map(_comment, lines))


def _choice(names: list[str]) -> str:
    if len(names) == 1:
        return ""
    listed = some(names, len(names))
    return "\n" + _comment(
        f"The deployment groups are {listed}. Choose another one with -e slipway_deployment_group=NAME."
    )


def _group(group: Group, said: Map, platform: Platform) -> str:
    lines = [_dumped({group.name: None}, 1).replace(": null\n", ":\n")]
    lines += [_comment(one, 2) for one in platform.about(group)]
    for member, value in said.items():
        lines += [_comment(one, 2) for one in platform.reasons(group, member)]
        lines.append(_dumped({member: value}, 2))
    lines += [_comment(one, 2) for one in platform.left_out(group, said)]
    return "".join(lines)


def settings(group: Group, application_tags: Map) -> dict[str, t.Any]:
    """What the file says of a group of hosts."""
    given = given_options(group)
    if group.is_copied:
        given.pop("auto_scaling_groups", None)
    said = {
        **{name: given[name] for name in OWN if name in given},
        "options": {name: value for name, value in given.items() if name not in OWN},
        "tags": common_tags(group, application_tags),
        "revision": group.revision if group.is_live and group.revision else {},
    }
    return {name: value for name, value in said.items() if value not in EMPTY}


def given_options(group: Group) -> dict[str, t.Any]:
    """The options of a group that differ from what AWS takes for them."""
    named = {name: _option(name, group.settings.get(name)) for name in group_options.GROUP_OPTIONS}
    usual = to_result(DEFAULTS)
    return {name: value for name, value in named.items() if value not in EMPTY and value != usual.get(name)}


def common_tags(group: Group, application_tags: Map) -> dict[str, str]:
    """The tags that the application and the group have in common; a role sets the same for both."""
    own = group.settings.get("tags") or {}
    return {k: v for k, v in own.items() if application_tags.get(k) == v and not k.startswith("aws:")}


def _option(name: str, value: t.Any) -> t.Any:
    """An option without members that are not set, and tag filters without a type that follows from what they name."""
    if name in FILTERS:
        return [_filter(one) for one in value or []]
    if name.endswith("_tag_set") and value:
        return {member: [[_filter(one) for one in some] for some in lists] for member, lists in value.items()}
    return _given(value)


def _filter(one: Map) -> dict[str, t.Any]:
    kept = {name: one[name] for name in ("key", "value", "type") if one.get(name)}
    implied = kind_of({"Key": kept.get("key"), "Value": kept.get("value")})
    return {name: value for name, value in kept.items() if name != "type" or value != implied}


def _given(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {name: _given(one) for name, one in value.items() if one not in EMPTY}
    return [_given(one) for one in value] if isinstance(value, list) else value


def _about_hosts(group: Group) -> list[str]:
    hosts = group.fleet.get("hosts") or []
    on_premises = sum(bool(one.get("on_premises")) for one in hosts)
    images = sorted({one["image_id"] for one in hosts if one.get("image_id")})
    halted = sum(one["state"] not in ("running", "registered") for one in hosts)
    parts = (
        _many(len(hosts), "host"),
        f"{on_premises} of them on premises" if on_premises else "",
        f"{halted} of them not running" if halted else "",
        f"launched from {some(images, 5)}" if images else "",
    )
    return [f"{', '.join(filter(None, parts))}."]


def reasons(group: Group, member: str) -> list[str]:
    return ["The tags that the application and the deployment group have in common."] if member == "tags" else []


def _reasons(group: Group, member: str) -> list[str]:
    if member == "revision":
        return [
            f"On all hosts since {group.fleet['fleet'].get('deployment_id')}. The next run does not deploy it again."
        ]
    return reasons(group, member)


def _left_out(group: Group, said: Map) -> list[str]:
    told = []
    if group.is_copied:
        now = some(group.settings.get("auto_scaling_groups") or [], 5) or "none"
        told += [
            f"Each deployment replaces the Auto Scaling group by a copy with another name (now: {now}), so it is not named here.",
        ]
    if "revision" not in said and not group.revision:
        told += ["Nothing was deployed successfully yet, so the next run needs slipway_bundle and slipway_bucket."]
    elif "revision" not in said:
        told += [
            f"The last good revision is {in_words(group.revision)}. {would_deploy(group, 'not every host has it')}"
        ]
    return told


def would_deploy(group: Group, otherwise: str) -> str:
    why = str(group.plan.get("reason") or group.plan.get("msg") or otherwise).rstrip(".")
    return f"It is not named here, because a run would deploy it: {why}."


def _references(all_said: t.Sequence[dict[str, t.Any]]) -> dict[str, str]:
    """The variables of the role as expressions of the settings; only those that a group has."""
    revision = f"{{}} if slipway_bundle | default('') else {CHOSEN}.revision | default({{}})"
    found = references("app", all_said) | referring(
        all_said,
        auto_scaling_groups=("app_deployment_auto_scaling_groups", f"{CHOSEN}.auto_scaling_groups | default('')"),
        ec2_tag_filters=("app_deployment_ec2_tag_filters", f"{CHOSEN}.ec2_tag_filters | default('')"),
        revision=("app_deployment_revision", revision),
    )
    if any((said.get("revision") or {}).get("s3_location") for said in all_said):
        found["slipway_bucket"] = f"{CHOSEN}.revision.s3_location.bucket | default('')"
    if any(len(said.get("auto_scaling_groups") or []) == 1 for said in all_said):
        found["slipway_fleet"] = f"{CHOSEN}.auto_scaling_groups | default([]) | first | default('')"
    return found


def references(role: str, all_said: t.Sequence[dict[str, t.Any]]) -> dict[str, str]:
    """Those that every role has."""
    return referring(
        all_said,
        service_role_arn=(f"{role}_deployment_service_role_arn", f"{CHOSEN}.service_role_arn"),
        deployment_config_name=(f"{role}_deployment_config_name", f"{CHOSEN}.deployment_config_name | default('')"),
        options=(f"{role}_deployment_group_options", f"{CHOSEN}.options | default({{}})"),
        tags=(f"{role}_deployment_tags", f"{CHOSEN}.tags | default({{}})"),
    )


def referring(all_said: t.Sequence[dict[str, t.Any]], **variables: tuple[str, str]) -> dict[str, str]:
    members = {name for said in all_said for name in said}
    return {variable: value for name, (variable, value) in variables.items() if name in members}


def _comment(line: str, depth: int = 0) -> str:
    start = f"{'  ' * depth}# "
    told = textwrap.wrap(shown_line(line), WIDTH, break_long_words=False, break_on_hyphens=False, drop_whitespace=False)
    return "".join(f"{start}{part.rstrip()}\n" for part in told)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


class _Block(dict):  # type: ignore[type-arg]
    """A map that is written with one member in each line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: t.Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    if any(mark in value for mark in TEMPLATES):
        return dumper.represent_scalar("!unsafe", value, style='"')
    style = '"' if shown_line(value) != value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _block(dumper: yaml.SafeDumper, value: _Block) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=False)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Block, _block)


def _dumped(value: Map, depth: int = 0) -> str:
    lines = yaml.dump(_Block(value), Dumper=_Dumper, sort_keys=False, width=10**6).splitlines()
    return "".join(f"{'  ' * depth}{line}\n" for line in lines)


SERVERS = Platform(
    "a directory instead of the revision",
    "slipway.aws.deploy -e @FILE -e slipway_bundle=DIRECTORY",
    settings, _about_hosts, _reasons, _left_out, _references,
)  # fmt: skip
