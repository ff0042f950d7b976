# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Lambda: versions and aliases as AWS keeps them; functions are never run, but answer as a fault says."""

from __future__ import annotations

from moto.core.config import default_user_config

from . import aliases, invocations, provisioned, versions


def extend() -> None:
    """Put the corrections onto moto's Lambda, in the variant that asks for no Docker."""
    default_user_config["lambda"] = {"use_docker": False}
    for part in (versions, aliases, invocations, provisioned):
        part.extend()
