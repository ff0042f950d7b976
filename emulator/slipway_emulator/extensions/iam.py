# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""IAM: the policies AWS manages are parsed once a process, not once for every account and reset."""

from __future__ import annotations

import copy
from collections.abc import Callable

from moto.iam.models import IAMBackend, ManagedPolicy

from ._patching import wrap

_parsed: dict[tuple[str, str], list[ManagedPolicy]] = {}


def extend() -> None:
    """Make new IAM backends cheap: every test and every account needs one, since each request is noted there."""
    wrap(IAMBackend, "_init_aws_policies", _copies)


def _copies(parse: Callable[[IAMBackend], list[ManagedPolicy]], backend: IAMBackend) -> list[ManagedPolicy]:
    """Own copies, because attaching a policy counts in it."""
    key = (backend.account_id, backend.region_name)
    if key not in _parsed:
        _parsed[key] = parse(backend)
    return [copy.copy(policy) for policy in _parsed[key]]
