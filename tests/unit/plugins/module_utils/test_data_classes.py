# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data classes are values, which nobody changes after they were made, but for those that are named below.

They are in _bundle, _core, _documents (appspec, component, package, workflow), _codedeploy (deployments, blue_green, shifting,
preflight), _autoscaling, _ecs, _lambda, _iam, _imagebuilder (bundled) and _ssm (associations, packages, rollout, run_command).
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect

import pytest
from support.plays import ROOT

ROOM = ROOT / "plugins" / "module_utils"
FILES = sorted(
    ".".join(path.relative_to(ROOM).with_suffix("").parts)
    for path in ROOM.rglob("*.py")
    if "dataclass" in path.read_text() and path.stem != "__init__"
)
# Those that are made step by step, and those of which a document or a folder has so many that freezing them costs time.
CHANGEABLE = {
    "_bundle.tree": {"Entry", "Tree", "Listing"},
    "_bundle.zip_archive": {"Member", "Piece"},
    "_documents.appspec.ruby": {"Entry", "Item"},
    "_documents.values": {"Entry", "Value"},
    "_documents.yaml_tree": {"Alias", "Document", "Mapping", "Scalar", "Sequence"},
    "_imagebuilder.bundled.bundles": {"Content"},
    "_ssm.packages.build": {"File", "Package"},
    "_ssm.packages.planning": {"Live", "Todo"},
    "_ssm.packages.regions": {"Region"},
    "_ssm.packages.removal": {"Removal"},
}


@pytest.mark.parametrize("file", FILES)
def test_a_data_class_is_frozen(file: str) -> None:
    module = importlib.import_module(f"ansible_collections.slipway.aws.plugins.module_utils.{file}")
    found = [one for _name, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__]
    data = {one.__name__: one.__dataclass_params__.frozen for one in found if dataclasses.is_dataclass(one)}
    assert data and {name for name, frozen in data.items() if not frozen} == CHANGEABLE.get(file, set())
