# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Documents that belong to AWS: those of Run Command that deployments need, and the packages of Distributor."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.ssm.models import Document, Documents, SimpleSystemManagerBackend

from .._patching import put, wrap
from .amazon_documents import RUNBOOK, WITHOUT_EFFECT
from .amazon_packages import PACKAGES
from .documents import POWERSHELL, SHELL

CONFIGURE = "aws:configurePackage"
PACKAGE_NAME = (
    r"^arn:[a-z0-9][-.a-z0-9]{0,62}:[a-z0-9][-.a-z0-9]{0,62}:([a-z0-9][-.a-z0-9]{0,62})?:([a-z0-9][-.a-z0-9]{0,62})?:"
    r"(package|document)\/[a-zA-Z0-9/:.\-_]{1,128}$|^[a-zA-Z0-9/:.\-_]{1,128}$"
)


def _run_script(name: str, plugin: str) -> dict[str, Any]:
    return {
        "schemaVersion": "1.2",
        "description": f"Run a script or specify the commands to run ({name}).",
        "parameters": {
            "commands": {"type": "StringList", "description": "Commands to run.", "minItems": 1},
            "workingDirectory": {"type": "String", "default": "", "maxChars": 4096},
            "executionTimeout": {
                "type": "String",
                "default": "3600",
                "allowedPattern": "([1-9][0-9]{0,4})|(1[0-6][0-9]{4})|(17[0-1][0-9]{3})|(172[0-7][0-9]{2})|(172800)",
            },
        },
        "runtimeConfig": {
            plugin: {
                "properties": [
                    {
                        "id": f"0.{plugin}",
                        "runCommand": "{{ commands }}",
                        "workingDirectory": "{{ workingDirectory }}",
                        "timeoutSeconds": "{{ executionTimeout }}",
                    }
                ]
            }
        },
    }


def _plugin(description: str, action: str, step: str, parameters: dict[str, Any]) -> dict[str, Any]:
    inputs = {name: f"{{{{ {name} }}}}" for name in parameters}
    return {
        "schemaVersion": "2.2",
        "description": description,
        "parameters": parameters,
        "mainSteps": [{"action": action, "name": step, "inputs": inputs}],
    }


CONFIGURE_PACKAGE = {
    "action": {"type": "String", "allowedValues": ["Install", "Uninstall"], "description": "What to do."},
    "installationType": {
        "type": "String",
        "allowedValues": ["Uninstall and reinstall", "In-place update"],
        "default": "Uninstall and reinstall",
        "description": "How a package that is installed already is brought to another version.",
    },
    "name": {"type": "String", "allowedPattern": PACKAGE_NAME, "description": "The name or the ARN of the package."},
    "version": {"type": "String", "default": "", "description": "The version; empty for the default one."},
    "additionalArguments": {
        "type": "StringMap",
        "default": {},
        "maxChars": 4096,
        "description": "Environment variables of the scripts; their names begin with SSM_.",
    },
}
_SWITCH = {"type": "String", "allowedValues": ["Enabled", "Disabled"], "default": "Enabled"}
GATHERED = (
    "applications",
    "awsComponents",
    "networkConfig",
    "windowsUpdates",
    "instanceDetailedInformation",
    "services",
    "windowsRoles",
    "customInventory",
    "billingInfo",
)
BUILT_IN: dict[str, dict[str, Any]] = {
    **WITHOUT_EFFECT,
    "AWS-RunShellScript": _run_script("AWS-RunShellScript", SHELL),
    "AWS-RunPowerShellScript": _run_script("AWS-RunPowerShellScript", POWERSHELL),
    "AWS-ConfigureAWSPackage": _plugin(
        "Install or uninstall a package of Distributor.", CONFIGURE, "configurePackage", CONFIGURE_PACKAGE
    ),
    "AWS-GatherSoftwareInventory": _plugin(
        "Gather inventory from a managed node.",
        "aws:softwareInventory",
        "collectSoftwareInventoryItems",
        {
            **dict.fromkeys(GATHERED, _SWITCH),
            **{name: {"type": "String", "default": ""} for name in ("files", "windowsRegistry")},
        },
    ),
}


def extend() -> None:
    """Put AWS's own documents beside those of the account."""
    wrap(SimpleSystemManagerBackend, "_get_documents", _get_documents)
    put(SimpleSystemManagerBackend, _amazon_documents=_all)


def _all(self: Any) -> list[Documents]:
    return [self._get_documents(name) for name in (*BUILT_IN, *PACKAGES)]


def _get_documents(original: Callable[..., Documents], self: Any, name: str) -> Documents:
    if name not in BUILT_IN and name not in PACKAGES:
        return original(self, name)
    kept = self.__dict__.setdefault("amazon_documents", {})
    if name not in kept:
        kept[name] = _command(name) if name in BUILT_IN else _package(name)
    return kept[name]


def _command(name: str) -> Documents:
    content = BUILT_IN[name]
    return Documents(_document(name, "Automation" if content["schemaVersion"] == RUNBOOK else "Command", content))


def _package(name: str) -> Documents:
    """All versions, the newest of which is the default one."""
    package = PACKAGES[name]
    oldest, *newer = package.versions
    documents = Documents(_document(name, "Package", package.manifest(oldest), oldest))
    for number, version in enumerate(newer, start=2):
        documents.add_new_version(_document(name, "Package", package.manifest(version), version, str(number)))
    documents.default_version = documents.latest_version
    return documents


def _document(name: str, kind: str, content: dict[str, Any], version_name: str = "", number: str = "1") -> Document:
    make: Any = Document  # moto leaves abstract methods of its base class open
    return make(
        account_id="Amazon",
        name=name,
        version_name=version_name,
        content=json.dumps(content),
        document_type=kind,
        document_format="JSON",
        requires=[],
        attachments=[],
        target_type="",
        document_version=number,
    )
