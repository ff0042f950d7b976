# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""IAM: the policies AWS manages are parsed once a process, not once for every account and reset."""

from __future__ import annotations

from collections.abc import Callable

from moto.iam.models import IAMBackend, ManagedPolicy

from ._patching import wrap

_parsed: dict[tuple[str, str], list[ManagedPolicy]] = {}


def extend() -> None:
    """Make new IAM backends cheap: every world needs one for each partition, since each request is noted there."""
    wrap(IAMBackend, "_init_aws_policies", _unattached)


def _unattached(parse: Callable[[IAMBackend], list[ManagedPolicy]], backend: IAMBackend) -> list[ManagedPolicy]:
    """The policies of one account; nobody can change them, and a reset leaves only the count of attachments behind."""
    key = (backend.account_id, backend.region_name)
    if key not in _parsed:
        _parsed[key] = parse(backend)
    for policy in _parsed[key]:
        policy.attachment_count = 0
    return list(_parsed[key])
