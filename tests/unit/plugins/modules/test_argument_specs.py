# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module are as its documentation says, and no more of them are secret than are meant to be.

They come from the modules and from what several of them share: the options of _core (client, waiting), _ecs (changes),
_autoscaling (refresh_options), _codedeploy (group_options, deployments, task), _imagebuilder (options,
distribution_options, bundled) and _ssm (associations, packages, run_command).
"""

from __future__ import annotations

import importlib
import typing as t

import pytest
import yaml
from support.plays import ROOT

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
SECRET = {"assume_role_external_id", "secret_parameters", "block_device_mappings", "user_data_override"}
CONNECTION = {
    "amazon.aws.common.modules",
    "amazon.aws.region.modules",
    "amazon.aws.boto3",
}  # AnsibleAWSModule adds their options
Options = dict[str, t.Any]


def documented(module: t.Any) -> Options:
    """The options of a module with those of its fragments."""
    text = yaml.safe_load(module.DOCUMENTATION)
    found: Options = {}
    for fragment in set(text.get("extends_documentation_fragment", [])) - CONNECTION:
        collection, file, name = _parts(fragment)
        source = importlib.import_module(f"ansible_collections.{collection}.plugins.doc_fragments.{file}")
        found |= yaml.safe_load(getattr(source.ModuleDocFragment, name.upper())).get("options", {})
    return found | {option: {**found.get(option, {}), **own} for option, own in text.get("options", {}).items()}


def _parts(fragment: str) -> tuple[str, str, str]:
    namespace, collection, file, *name = fragment.split(".")
    return f"{namespace}.{collection}", file, (name or ["documentation"])[0]


def as_documented(options: Options) -> Options:
    """The argument spec that the documentation describes."""
    return {name: _said(one, one.get("suboptions")) for name, one in options.items()}


def as_taken(spec: Options) -> Options:
    return {name: _said(one, one.get("options")) for name, one in spec.items()}


def _said(one: Options, below: Options | None) -> Options:
    said = {key: one.get(key) for key in ("default", "elements", "aliases")}
    choices = sorted(map(str, one.get("choices") or []))
    inner = {name: _said(each, each.get("suboptions") or each.get("options")) for name, each in (below or {}).items()}
    return {
        "type": one.get("type", "str"),
        "required": bool(one.get("required")),
        "choices": choices,
        **said,
        "options": inner,
    }


def secret(spec: Options) -> t.Iterator[str]:
    for name, one in spec.items():
        if one.get("no_log"):
            yield name
        yield from secret(one.get("options") or {})


@pytest.mark.parametrize("name", MODULES)
def test_options_are_as_they_are_documented(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.slipway.aws.plugins.modules.{name}")
    assert as_taken(module.ARGUMENT_SPEC) == as_documented(documented(module))


@pytest.mark.parametrize("name", MODULES)
def test_no_more_is_hidden_than_is_secret(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.slipway.aws.plugins.modules.{name}")
    assert set(secret(module.ARGUMENT_SPEC)) <= SECRET
