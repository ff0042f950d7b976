# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What moto works out anew for every request, worked out once. It took a third of the time of an answer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import xmltodict
from moto.core import responses, utils
from moto.core.serialize import AttributePicker, AttributePickerContext, XFormedAttributePicker

from ._patching import wrap


def extend() -> None:
    """Put them into moto."""
    # Each element of an answer in XML, by its name.
    xmltodict._validate_name = functools.lru_cache(10_000)(xmltodict._validate_name)
    responses.method_names_from_class = functools.cache(utils.method_names_from_class)
    wrap(XFormedAttributePicker, "get_possible_keys", _possible_keys)


def _possible_keys(
    find: Callable[[AttributePicker, AttributePickerContext], Iterator[str]],
    picker: AttributePicker,
    context: AttributePickerContext,
) -> tuple[str, ...]:
    """Under which names an object of this class may hold a member. They depend on nothing else."""
    found = vars(context.shape).setdefault("_possible_keys", {})
    where = (context.key, type(context.obj), hasattr(context.shape, "parent"))
    if where not in found:
        found[where] = tuple(dict.fromkeys(find(picker, context)))
    names: tuple[str, ...] = found[where]
    return names
