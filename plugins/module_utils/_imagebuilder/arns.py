# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ARNs of Image Builder, which follow from names; and what a task may write in place of one. Private.

Where AWS takes the ARN of another resource a task may also write `NAME` or `NAME/VERSION` for one of this account and
Region, and `OWNER:NAME[/VERSION]` for one of another owner (`aws:update-linux`; `self` is this account). A version that is left out is the
newest, `x.x.x`. So playbooks need to know neither the account nor the partition.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._text import whole_number

NEWEST = "x.x.x"
UNVERSIONED = ("infrastructure-configuration", "distribution-configuration", "image-pipeline", "lifecycle-policy")
OWNED = re.compile(r"(?P<owner>self|aws(?:-[a-z-]+)?|third-party|[0-9]{12}):(?P<rest>.+)")
VERSIONED = re.compile(r"(?P<name>.+?)/(?P<version>(?:[0-9]+|x)(?:\.(?:[0-9]+|x)){2}(?:/[0-9]+)?)")


def arn_name(name: str) -> str:
    """The name as it stands in ARNs; names that differ only in case, spaces and underscores are one resource."""
    return re.sub("[ _]", "-", name.lower())


def own_arn(aws: Connection, kind: str, name: str, version: t.Optional[str] = None) -> str:
    """The ARN of a resource of this account and Region."""
    return aws.arn("imagebuilder", "/".join(filter(None, (kind, arn_name(name), version))))


def full_arn(aws: Connection, kind: str, text: str) -> str:
    """The ARN a task means; an ARN, and the empty text that clears, stay as they are."""
    if not text or text.startswith("arn:"):
        return text
    owned = OWNED.fullmatch(text)
    owner, rest = (owned["owner"], owned["rest"]) if owned else ("self", text)
    owner = aws.account_id if owner == "self" else owner
    versioned = None if kind in UNVERSIONED else VERSIONED.fullmatch(rest)
    name, version = (versioned["name"], versioned["version"]) if versioned else (rest, NEWEST)
    if not re.fullmatch(r"[-_A-Za-z0-9 /]+" if kind == "workflow" else r"[-_A-Za-z0-9 ]+", name):
        raise Refused(
            f"{text!r} is neither an ARN nor a valid {kind.replace('-', ' ')} name. Use NAME, NAME/1.2.x or an ARN"
        )
    tail = "" if kind in UNVERSIONED else f"/{version}"
    return f"arn:{aws.partition}:imagebuilder:{aws.region}:{owner}:{kind}/{arn_name(name)}{tail}"


def complete(aws: Connection, params: Shape, **kinds: str) -> None:
    """Put ARNs in place of the names in a task's options; `kinds` says of which kind each option is."""
    for option, kind in kinds.items():
        if params.get(option) is not None:
            params[option] = full_arn(aws, kind, params[option])


def complete_items(aws: Connection, items: t.Optional[t.List[Shape]], option: str, kind: str) -> None:
    """As `complete`, for an option of every item of a list; its alias, which Ansible leaves beside it, goes."""
    for item in items or []:
        item.pop(option.removesuffix("_arn"), None)
        complete(aws, item, **{option: kind})


def tail(arn: str) -> str:
    """What a person calls it: everything after the kind, `web/1.0.3/2`."""
    return arn.split(":", 5)[-1].partition("/")[2]


def _apart(arn: str) -> t.Tuple[str, t.List[str]]:
    """The ARN up to and with the name, and what follows: version and build. The type of a workflow comes before its name."""
    parts = arn.split("/")
    named = 3 if ":workflow/" in arn else 2
    return "/".join(parts[:named]), parts[named:]


def versionless(arn: str) -> str:
    """The ARN up to and with the name."""
    return _apart(arn)[0]


def version_of(arn: str) -> str:
    """`1.0.3` of `…/1.0.3` and of `…/1.0.3/2`; may hold wildcards. Empty when there is none."""
    return next(iter(_apart(arn)[1]), "")


def check_version(version: str | None, wildcards: bool) -> None:
    """Raise Refused for what is no semantic version; AWS says it only of a write, and check mode makes none."""
    node = "(?:[0-9]+|x)" if wildcards else "[0-9]+"
    if version is None or re.fullmatch(rf"{node}\.{node}\.{node}", version):
        return
    form = "three numbers, where the last ones can be x (1.0.x)" if wildcards else "three numbers (1.0.0) without x"
    raise Refused(f"semantic_version {version!r} is not valid. It must be {form}")


def wild(version: str) -> bool:
    """Whether a version stands for the newest of many."""
    return "x" in version.split(".")


def order(arn: str) -> t.Tuple[int, ...]:
    """By age: versions and builds as numbers. Only for ARNs without wildcards."""
    return tuple(whole_number(node) for part in _apart(arn)[1] for node in part.split("."))


def matches(reference: str, arn: str) -> bool:
    """Whether a reference (ARN, perhaps with wildcards or without build number) can stand for this version."""
    if versionless(reference) != versionless(arn):
        return False
    asked, has = _apart(reference)[1], _apart(arn)[1]
    nodes = all(
        want == "x" or whole_number(want) == whole_number(node)
        for want, node in zip(asked[0].split("."), has[0].split("."))
    )
    return nodes and asked[1:] in ([], has[1:])
