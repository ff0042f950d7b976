# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which file of a manifest a host gets: pure. Private to this collection.

SSM Agent takes the platform that matches, then a version only below it, then an architecture only below that.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents.package import platforms
from ansible_collections.slipway.aws.plugins.module_utils._documents.package.platforms import ANY


def files_for(manifest: t.Any, platform: str, version: str) -> dict[str, str]:
    """The files that hosts of a platform and version choose from, by architecture."""
    everything = _map(_map(manifest).get("packages"))
    versions = _map(everything.get(platform if platform in everything else ANY))
    chosen = platforms.version_for(versions, version)
    entries = _map(versions.get(chosen)) if chosen else {}
    named = {key: _map(entry).get("file") for key, entry in entries.items()}
    return {key: file for key, file in named.items() if isinstance(file, str)}


def file_for(files: dict[str, str], architecture: str) -> str | None:
    """The file of a host among those of its platform and version; None where there is none for it."""
    return files.get(architecture, files.get(ANY))


def _map(value: t.Any) -> dict[str, t.Any]:
    """Manifests are other people's: what should be a map may be anything."""
    return value if isinstance(value, dict) else {}
