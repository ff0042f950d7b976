# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder of an application as a bundle is made of it."""

from __future__ import annotations

from pathlib import Path


def build(root: Path, content: dict[str, bytes]) -> Path:
    for name, data in content.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
    return root


CONTENT = {"appspec.yml": b"version: 0.0\n", "bin/start": b"#!/bin/sh\n", "a.b/x": b"", "a/y": b"y"}
