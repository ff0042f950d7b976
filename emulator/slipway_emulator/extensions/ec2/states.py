# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Hosts follow their instances: stopped, started, rebooted, terminated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instances import Instance

from ...clock import clock
from ...hosts import registry
from .._patching import wrap


def extend() -> None:
    """Put the corrections onto moto's instances."""
    wrap(Instance, "start", _start)
    wrap(Instance, "reboot", _start)
    wrap(Instance, "stop", _stop)
    wrap(Instance, "terminate", _terminate)


def _start(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    _refuse_terminated(self, "started")
    was_running = self.state == "running" and original.__name__ == "start"
    previous = original(self, *args, **kwargs)
    host = registry.get(self.id)
    if host is not None and not was_running:
        host.start()
        if original.__name__ == "start":
            self.launch_time = clock.datetime().replace(tzinfo=None)
    return previous


def _stop(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    _refuse_terminated(self, "stopped")
    previous = original(self, *args, **kwargs)
    _halt(self)
    return previous


def _terminate(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    if self.state == "terminated":
        return original(self, *args, **kwargs)
    host = registry.get(self.id)
    if host is not None:
        host.gather()  # while it still has its profile, which moto takes away
    previous = original(self, *args, **kwargs)
    _halt(self)
    return previous


def _halt(instance: Any) -> None:
    instance._reason = f"User initiated ({clock.datetime():%Y-%m-%d %H:%M:%S} GMT)"
    host = registry.get(instance.id)
    if host is not None:
        host.halt(instance.state)


def _refuse_terminated(instance: Any, what: str) -> None:
    if instance.state == "terminated":
        raise EC2ClientError(
            "IncorrectInstanceState",
            f"The instance '{instance.id}' is not in a state from which it can be {what}.",
        )
