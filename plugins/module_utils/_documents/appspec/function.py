# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The properties of the resource of an AppSpec for Lambda."""

from __future__ import annotations

import re

from ansible_collections.slipway.aws.plugins.module_utils._documents import rules
from ansible_collections.slipway.aws.plugins.module_utils._documents.placeholders import placeholder
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, Shape, last
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

TYPE = "AWS::Lambda::Function"
EVENTS = ("BeforeAllowTraffic", "AfterAllowTraffic")
VERSION = re.compile(r"[1-9][0-9]*")
ALIAS = re.compile(r"(?![0-9]+\Z)[A-Za-z0-9_-]{1,128}")


def _version(value: Value, path: str, line: int) -> Problems:
    if isinstance(value.data, (int, str)) and VERSION.fullmatch(str(value.data)):
        return
    what = f"{last(path)} is {describe(value.data)}, but must be the number of a published version."
    remedy = "Publish a version first: $LATEST can change." if value.data == "$LATEST" else "Write a number such as 7."
    yield Problem(line, path, what, remedy)


def _alias(value: Value, path: str, line: int) -> Problems:
    found = list(rules.text(value, path, line))
    yield from found
    if not found and not ALIAS.fullmatch(str(value.data)):
        what = f'Alias is "{shown_short(str(value.data))}", which is not the name of an alias.'
        yield Problem(line, path, what, "Use letters, digits, hyphens and underscores, and not digits alone.")


def same_version(properties: Value, path: str) -> Problems:
    """CodeDeploy fails such a deployment without a word about the versions."""
    current, target = (str(value.data) if value else "" for value in map(properties.get, _VERSIONS))
    if current == target and VERSION.fullmatch(target):
        what = f"CurrentVersion and TargetVersion are both {shown_short(target)}, so there is nothing to deploy."
        remedy = "Set TargetVersion to the version to deploy."
        yield Problem(properties.line_of("TargetVersion"), rules.below(path, "TargetVersion"), what, remedy)


_VERSIONS = ("CurrentVersion", "TargetVersion")
PROPERTIES = Shape(
    {
        "Name": placeholder(rules.text),
        "Alias": placeholder(_alias),
        **{key: placeholder(_version) for key in _VERSIONS},
    },
    ("Name", "Alias", *_VERSIONS),
)
