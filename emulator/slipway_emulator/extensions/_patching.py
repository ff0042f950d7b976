# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Putting functions onto moto's classes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def wrap(owner: type, name: str, around: Callable[..., Any]) -> None:
    """Replace the method by `around(original, self, ...)`; a name moto no longer has is an error at once."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return around(original, self, *args, **kwargs)

    setattr(owner, name, method)


def put(owner: type, *functions: Callable[..., Any], **named: Callable[..., Any]) -> None:
    """Add each function as a method of its own or the given name, in place of moto's if there is one."""
    for name, function in [(f.__name__, f) for f in functions] + list(named.items()):
        setattr(owner, name, function)


def derive(owner: type, **getters: Callable[[Any], Any]) -> None:
    """Have attributes computed that moto stores; what moto assigns to them is forgotten."""
    for name, getter in getters.items():
        setattr(owner, name, property(getter, _forget))


def _forget(_self: Any, _value: Any) -> None:
    """moto's own idea of an attribute that is computed."""
