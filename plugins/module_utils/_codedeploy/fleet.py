# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment group, or a selection as one makes it, resolved to hosts. Only reads. Private to this collection.

A host is a plain shape: `instanceId`, `name`, `privateIpAddress`, `imageId`, `state`, `launchTime`, `instanceProfile`,
`availabilityZone`, `platform`, `autoScalingGroup`, `lifecycleState`. Stopped instances are hosts (CodeDeploy deploys to them, and fails).
An on-premises instance is one too, with `onPremises`: its name takes the place of the id, and the rest is not known.
"""

from __future__ import annotations

import datetime
import itertools
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.calls import members, read_groups
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.on_premises import list_instances, read_instances
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items, pages
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

ALIVE = ("pending", "running", "stopping", "stopped")
ENDED = ["shutting-down", "terminated"]
FILTER_VALUES = 200  # values in one filter of DescribeInstances
MANY_IDS = 5 * FILTER_VALUES  # with more, a look through the Region comes first: a page of it has five times as many
REGION_PAGE = 1000  # the most that DescribeInstances gives at once
GROUP_TAG = "aws:autoscaling:groupName"  # Auto Scaling puts it on every instance of a group

Filters = t.List[Shape]  # alternatives: {Key, Value, Type}


class Selection(t.NamedTuple):
    """What chooses hosts: tags (every set must be met by one of its filters), Auto Scaling groups, ids."""

    tag_sets: t.List[Filters]
    auto_scaling_groups: t.List[str]
    instance_ids: t.List[str]
    on_premises: t.Sequence[Filters] = ()  # tag sets of on-premises instances


class Fleet(t.NamedTuple):
    """The hosts of a selection, by id order, and ids that were asked for and do not exist."""

    hosts: t.List[Shape]
    missing: t.List[str]
    groups: t.Dict[str, Shape]  # the selected Auto Scaling groups that exist, by name

    @property
    def scaling_groups(self) -> list[str]:
        return sorted({host["autoScalingGroup"] for host in self.hosts if host["autoScalingGroup"]})

    @property
    def targets(self) -> t.List[Shape]:
        """Hosts that a deployment takes in; one that a launch hook holds gets its own deployment first."""
        return [host for host in self.hosts if is_target(host)]


def is_target(host: Shape) -> bool:
    """Whether a deployment takes the host in."""
    return not str(host.get("lifecycleState") or "").startswith("Pending")


def selection_of_group(group: Shape) -> Selection:
    """The selection of a deployment group as GetDeploymentGroup returns it."""
    scaling_groups = [one["name"] for one in group.get("autoScalingGroups") or []]
    on_premises = _sets(group, "onPremisesInstanceTagFilters", "onPremisesTagSet")
    return Selection(_sets(group, "ec2TagFilters", "ec2TagSet"), scaling_groups, [], on_premises)


def _sets(group: Shape, flat: str, grouped: str) -> t.List[Filters]:
    sets = [group[flat]] if group.get(flat) else []
    return sets + ((group.get(grouped) or {}).get(f"{grouped}List") or [])


def resolve(aws: Connection, chosen: Selection) -> Fleet:
    """The hosts of a selection: one call for the tags, two for the Auto Scaling groups, and pages; one per 200 ids.

    Only a selection of on-premises instances asks for those: one call, pages, and one per 25 of them.
    """
    groups = read_groups(aws, chosen.auto_scaling_groups)
    scaled = _scaled(groups)
    found = _tagged(aws, chosen.tag_sets)
    if len(scaled) > FILTER_VALUES:
        members_of = {"Name": f"tag:{GROUP_TAG}", "Values": [_literal(name) for name in chosen.auto_scaling_groups]}
        found.update({i: one for i, one in _describe(aws, [members_of]).items() if i in scaled})
    found.update(_by_id(aws, [i for i in dict.fromkeys([*scaled, *chosen.instance_ids]) if i not in found]))
    hosts = [_host(found[i], scaled.get(i)) for i in sorted(found)] + read_on_premises(aws, chosen.on_premises)
    return Fleet(hosts, [i for i in dict.fromkeys(chosen.instance_ids) if i not in found], groups)


def read_region(aws: Connection) -> t.Dict[str, Shape]:
    """All instances of the Region as EC2 describes them, by id: for many groups at once it costs less than to ask for each."""
    return _describe(aws, [], MaxResults=REGION_PAGE)


def pick(instances: t.Mapping[str, Shape], groups: t.Mapping[str, Shape], chosen: Selection) -> t.List[Shape]:
    """The hosts of a selection by tags and Auto Scaling groups, out of all instances and groups of the Region."""
    scaled = _scaled({name: groups[name] for name in chosen.auto_scaling_groups if name in groups})
    tagged = {i for i, one in instances.items() if chosen.tag_sets and meets(_tags(one), chosen.tag_sets)}
    return [_host(instances[i], scaled.get(i)) for i in sorted({*scaled, *tagged}) if i in instances]


def read_hosts(aws: Connection, ids: t.List[str]) -> t.Dict[str, Shape]:
    """Hosts by id in whatever state they are, with `stateSince` where EC2 tells it. Those it has forgotten are terminated."""
    found = _by_id(aws, ids, [*ALIVE, *ENDED])
    gone = {"State": {"Name": "terminated"}}
    read = {i: found.get(i) or {"InstanceId": i, **gone} for i in ids}
    return {i: {**_host(one, None), "stateSince": _since(one)} for i, one in read.items()}


def _since(instance: Shape) -> t.Optional[datetime.datetime]:
    """When the instance was stopped or terminated: EC2 says so in a text, `User initiated (2026-11-23 17:00:00 GMT)`."""
    found = re.search(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) GMT\)", instance.get("StateTransitionReason") or "")
    return datetime.datetime.fromisoformat(f"{found.group(1)}+00:00") if found else None


def meets(tags: t.Mapping[str, str], sets: t.Iterable[Filters]) -> bool:
    """Whether tags meet one filter of every set. Exactly: `*` in a filter means a star, unlike in a filter of EC2."""
    return all(any(_fits(tags, one) for one in filters) for filters in sets)


def kind_of(one: Shape) -> str:
    """What a tag filter compares; follows from what is given where it does not say."""
    implied = "VALUE_ONLY" if not one.get("Key") else "KEY_AND_VALUE" if one.get("Value") else "KEY_ONLY"
    return one.get("Type") or implied


def _fits(tags: t.Mapping[str, str], one: Shape) -> bool:
    key, value, kind = one.get("Key"), one.get("Value") or "", kind_of(one)
    if kind == "VALUE_ONLY":
        return value in tags.values()
    return key in tags and (kind == "KEY_ONLY" or tags[str(key)] == value)


def read_on_premises(aws: Connection, sets: t.Sequence[Filters]) -> t.List[Shape]:
    """On-premises instances that meet the tag sets, by name. The first set narrows what is read, all are checked here."""
    if not sets:
        return []
    found = read_instances(aws, sorted(list_instances(aws, "Registered", list(sets[0]))))
    return [_on_premises_host(one) for one in found if not one.get("deregisterTime") and meets(one["tags"], sets)]


def _scaled(groups: t.Mapping[str, Shape]) -> t.Dict[str, Shape]:
    """Instances of Auto Scaling groups that are not about to leave, by id."""
    return {
        one["InstanceId"]: {"autoScalingGroup": name, **one} for name, group in groups.items() for one in members(group)
    }


def _tagged(aws: Connection, sets: t.List[Filters]) -> t.Dict[str, Shape]:
    """Instances that meet the tag sets, by id. The first set narrows what is read, all are checked here."""
    if not sets:
        return {}
    found: t.Dict[str, Shape] = {}
    for narrowed in _ec2_filters(sets[0]):
        found.update(_describe(aws, narrowed))
    return {i: one for i, one in found.items() if meets(_tags(one), sets)}


def _ec2_filters(alternatives: Filters) -> t.List[t.List[Shape]]:
    """Questions to EC2 whose answers together hold all that the alternatives choose. EC2 cannot ask for a value alone."""
    if any(not one.get("Key") for one in alternatives):
        return [[]]
    keys = dict.fromkeys(one["Key"] for one in alternatives)
    return [[{"Name": "tag-key", "Values": [_literal(key) for key in keys]}]]


def _literal(text: str) -> str:
    """EC2 takes `*` and `?` in filter values as wildcards."""
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")


def _by_id(aws: Connection, ids: t.List[str], states: t.Sequence[str] = ALIVE) -> t.Dict[str, Shape]:
    """As a filter, so that an id that is gone is left out instead of failing the call."""
    found = _of_region(aws, set(ids), states) if len(ids) > MANY_IDS else {}
    ids = [i for i in ids if i not in found]
    for start in range(0, len(ids), FILTER_VALUES):
        found.update(_describe(aws, [{"Name": "instance-id", "Values": ids[start : start + FILTER_VALUES]}], states))
    return found


def _of_region(aws: Connection, wanted: t.Set[str], states: t.Sequence[str]) -> t.Dict[str, Shape]:
    """Those of so many ids that a look through the Region finds, as long as that costs little more than to ask for each."""
    asked: Shape = {"Filters": [{"Name": "instance-state-name", "Values": list(states)}], "MaxResults": REGION_PAGE}
    read = pages(aws, "ec2", "describe_instances", **asked)
    found: t.Dict[str, Shape] = {}
    for page in itertools.islice(read, 2 * len(wanted) // REGION_PAGE + 1):
        listed = (one for reservation in page["Reservations"] for one in reservation["Instances"])
        found.update({one["InstanceId"]: one for one in listed if one["InstanceId"] in wanted})
        if len(found) == len(wanted):
            break
    return found


def _describe(
    aws: Connection, narrowed: t.List[Shape], states: t.Sequence[str] = ALIVE, **more: t.Any
) -> t.Dict[str, Shape]:
    asked = [*narrowed, {"Name": "instance-state-name", "Values": list(states)}]
    reservations = items(aws, "ec2", "describe_instances", "Reservations", Filters=asked, **more)
    return {one["InstanceId"]: one for reservation in reservations for one in reservation["Instances"]}


def _tags(instance: Shape) -> t.Dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in instance.get("Tags") or []}


def _shown_name(tags: t.Dict[str, str]) -> t.Optional[str]:
    """The Name tag is for people; whoever may tag an instance may write anything into it."""
    return shown_line(tags["Name"]) if "Name" in tags else None


def _host(instance: Shape, scaled: t.Optional[Shape]) -> Shape:
    scaled = scaled or {}
    return {
        "instanceId": instance["InstanceId"],
        "name": _shown_name(_tags(instance)),
        "privateIpAddress": instance.get("PrivateIpAddress"),
        "publicIpAddress": instance.get("PublicIpAddress"),
        "subnetId": instance.get("SubnetId"),
        "vpcId": instance.get("VpcId"),
        "imageId": instance.get("ImageId"),
        "state": instance["State"]["Name"],
        "launchTime": instance.get("LaunchTime"),
        "instanceProfile": (instance.get("IamInstanceProfile") or {}).get("Arn"),
        "availabilityZone": (instance.get("Placement") or {}).get("AvailabilityZone"),
        "platform": "windows" if instance.get("Platform") == "windows" else "linux",
        "autoScalingGroup": scaled.get("autoScalingGroup") or _tags(instance).get(GROUP_TAG),
        "lifecycleState": scaled.get("LifecycleState"),
        "onPremises": False,
    }


def _on_premises_host(instance: Shape) -> Shape:
    unknown = (
        "name",
        "privateIpAddress",
        "publicIpAddress",
        "subnetId",
        "vpcId",
        "availabilityZone",
        "imageId",
        "launchTime",
        "instanceProfile",
        "platform",
    )
    return {
        "instanceId": instance["instanceName"],
        **dict.fromkeys((*unknown, "autoScalingGroup", "lifecycleState")),
        "state": "registered",
        "onPremises": True,
    }
