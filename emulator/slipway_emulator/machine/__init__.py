# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""A machine that scripts and component documents run on, as far as its contents depend on them. Nothing is executed."""

from __future__ import annotations

from .documents import StepProblem, steps_of
from .machine import Machine
from .state import FetchProblem

__all__ = ["FetchProblem", "Machine", "StepProblem", "steps_of"]
