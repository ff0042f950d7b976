# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a lookup of the collection in this process. Ansible's plugin loader would take the imports of the process over."""

from __future__ import annotations

import importlib
import typing as t

import yaml
from ansible import constants
from ansible.plugins.lookup import LookupBase

NAMESPACE = "ansible_collections"
PREPARED: dict[str, t.Any] = {}


def look_up(name: str, *terms: str, **options: t.Any) -> t.Any:
    """What `lookup(name, ...)` gives in a template."""
    namespace, collection, plugin = name.split(".")
    module = importlib.import_module(f"{NAMESPACE}.{namespace}.{collection}.plugins.lookup.{plugin}")
    if name not in PREPARED:
        PREPARED[name] = _options(yaml.safe_load(module.DOCUMENTATION))
        constants.config.initialize_plugin_configuration_definitions("lookup", name, PREPARED[name])
    lookup: LookupBase = module.LookupModule()
    lookup._load_name = lookup.ansible_name = name
    (found,) = lookup.run(list(terms), {}, **options)
    return found


def _options(documentation: dict[str, t.Any]) -> dict[str, t.Any]:
    """The options with those of the fragments."""
    found = dict(documentation["options"])
    for fragment in documentation["extends_documentation_fragment"]:
        namespace, collection, file, *part = fragment.split(".")
        module = importlib.import_module(f"{NAMESPACE}.{namespace}.{collection}.plugins.doc_fragments.{file}")
        text = getattr(module.ModuleDocFragment(), (part or ["DOCUMENTATION"])[0].upper())
        found |= yaml.safe_load(text).get("options") or {}
    return found
