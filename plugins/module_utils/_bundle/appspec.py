# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AppSpec of a tree that is to be bundled. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.beginnings import reader
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import Tree, read_member
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.problems import appspec_problems
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.spec import parse_appspec
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors, sentence, warnings

APPSPEC = "appspec.yml"


def check_appspec(tree: Tree, src: str, bundle_type: str) -> list[str]:
    """Warnings about the AppSpec. Raises Refused, with every error and its line, when the host agent would refuse it."""
    names = tree.names
    if APPSPEC not in names:
        raise Refused(no_appspec(src, names))
    return judged(read_member(tree, APPSPEC.encode()), names, bundle_type, reader(tree))


def no_appspec(src: str, names: t.Container[str]) -> str:
    """What to say of a bundle without one."""
    remedy = (
        "Rename appspec.yaml" if "appspec.yaml" in names else "Put one there, and check exclude and the ignore file"
    )
    return f"{src} has no {APPSPEC}, which the CodeDeploy agent reads from the root of the bundle. {remedy}"


def judged(
    text: bytes, names: t.Sequence[str] | None, bundle_type: str, read: t.Callable[[str], bytes] | None = None
) -> list[str]:
    """The warnings about a text, as sentences; the same refusal."""
    problems = appspec_problems(text, files=names, read=read)
    wrong = errors(problems)
    if wrong:
        told = "\n".join(sentence(problem, APPSPEC) for problem in wrong)
        raise Refused(told, problems=[problem._asdict() for problem in wrong])
    if bundle_type != "zip" and parse_appspec(text).os == "windows":
        raise Refused(f"a {bundle_type} cannot be deployed to Windows, which {APPSPEC} specifies. Use bundle_type=zip")
    return [sentence(problem, APPSPEC) for problem in warnings(problems)]
