# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the development tools live and what they see: nothing of the user's accounts, settings and caches."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BUILD = ROOT / "build"
HOME = BUILD / "home"

# A profile, an endpoint or a callback of the user's would send the tests to another place or change what they print.
FOREIGN = (
    "ANSIBLE_", "AWS_", "BOTO_", "GALAXY_IMPORTER_", "MOLECULE_", "MYPY", "PYTEST_", "PYTHON", "RUFF_", "SLIPWAY_", "VIRTUAL_ENV", "XDG_"
)  # fmt: skip

# AWS's own examples of keys, so that no scanner takes them for real ones.
AWS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def environment() -> dict[str, str]:
    """The environment every tool runs in. HOME and caches are below build/; only pip's and uv's downloads stay shared."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {
        **kept,
        **AWS,
        **_package_managers(),
        "ANSIBLE_COLLECTIONS_PATH": str(VENV / "collections"),
        "ANSIBLE_CONFIG": str(ROOT / "tools" / "ansible.cfg"),
        "ANSIBLE_HOME": str(HOME / ".ansible"),
        "HOME": str(HOME),
        "LC_ALL": "C.UTF-8",  # Ansible refuses to start where texts are not UTF-8
        "MYPY_CACHE_DIR": str(BUILD / "cache" / "mypy"),
        "PATH": os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)]),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONUNBUFFERED": "1",
        "RUFF_CACHE_DIR": str(BUILD / "cache" / "ruff"),
        "VIRTUAL_ENV": str(VENV),
    }


def _package_managers() -> dict[str, str]:
    """pip and uv look below HOME for their caches and settings; HOME moves, those stay."""
    caches = _user_caches()
    settings = {
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(caches / "pip")),
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(caches / "uv")),
    }
    configurations = [Path.home() / ".config" / "pip" / "pip.conf", Path.home() / ".pip" / "pip.conf"]
    for path in configurations:
        if "PIP_CONFIG_FILE" not in os.environ and path.is_file():
            settings["PIP_CONFIG_FILE"] = str(path)
    return settings


def _user_caches() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
