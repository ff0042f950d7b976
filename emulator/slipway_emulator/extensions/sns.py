# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""SNS: messages reach the queues of the emulator, and nobody outside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.sns.models import Subscription

from ._patching import wrap

OUTSIDE = ("http", "https", "lambda")


def extend() -> None:
    """Let subscribers that moto would call miss their messages, as AWS does with one that does not answer."""
    wrap(Subscription, "publish", _publish)


def _publish(publish: Callable[..., None], subscription: Any, *args: Any, **kwargs: Any) -> None:
    if subscription.protocol not in OUTSIDE:
        publish(subscription, *args, **kwargs)
