# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stories that `make demo` can run, by the name that STORY gives."""

from __future__ import annotations

from .bluegreen import BlueGreen
from .function import Function
from .immutable import Immutable
from .main_job import MainJob
from .packages import Packages
from .service import Service
from .telling import Story

STORIES: dict[str, type[Story]] = {
    "main": MainJob,
    "packages": Packages,
    "lambda": Function,
    "ecs": Service,
    "bluegreen": BlueGreen,
    "immutable": Immutable,
}
