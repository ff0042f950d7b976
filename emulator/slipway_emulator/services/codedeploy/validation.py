# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Checks of input that several operations share: names, enums, tags, ARNs, batches, pages."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from typing import Any

from . import limits
from .exceptions import BatchLimitExceeded, CodeDeployException

NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,100}")
DEPLOYMENT_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
ROLE_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):role/[\w+=,.@/-]+")
TOPIC_ARN = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?")
INSTANCE_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,100}")


def name(value: str | None, what: str) -> str:
    """An application, group or config name; `what` is its noun in the error codes (`Application`)."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", what).lower()
    if not value:
        raise CodeDeployException(f"{what}NameRequiredException", f"The {words} name was not specified")
    if not NAME.fullmatch(value):
        raise CodeDeployException(
            f"Invalid{what}NameException",
            f"The {words} name {value!r} is invalid: 1 to {limits.NAME} letters, digits or any of +=,.@_-",
        )
    return value


def enum(value: Any, allowed: Iterable[str], code: str, what: str) -> Any:
    """`value` if it is one of `allowed` or not given."""
    choices = list(allowed)
    if value is not None and value not in choices:
        raise CodeDeployException(code, f"{what} {value!r} is invalid; valid values: {', '.join(choices)}")
    return value


def description(value: str | None) -> str | None:
    if value is not None and len(value) > limits.DESCRIPTION:
        raise CodeDeployException(
            "DescriptionTooLongException", f"The description is longer than {limits.DESCRIPTION} characters"
        )
    return value


def deployment_id(value: str | None) -> str:
    if not value:
        raise CodeDeployException("DeploymentIdRequiredException", "At least one deployment ID must be specified")
    if not DEPLOYMENT_ID.fullmatch(value):
        raise CodeDeployException(
            "InvalidDeploymentIdException", f"The deployment ID {value!r} was specified in an invalid format"
        )
    return value


def instance_name(value: str | None) -> str:
    if not value:
        raise CodeDeployException("InstanceNameRequiredException", "An on-premises instance name was not specified")
    if not INSTANCE_NAME.fullmatch(value) or value.startswith(("i-", "mi-")):
        raise CodeDeployException(
            "InvalidInstanceNameException",
            f"The on-premises instance name {value!r} was specified in an invalid format",
        )
    return value


def batch(values: Sequence[Any] | None, limit: int, required: CodeDeployException) -> list[Any]:
    """A non-empty list of at most `limit` names or ids."""
    if not values:
        raise required
    if len(values) > limit:
        raise BatchLimitExceeded(limit=limit)
    return list(values)


def resource_tags(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Tags of an application or a group as a map."""
    found: dict[str, str] = {}
    for tag in tags or []:
        key, value = tag.get("Key") or "", tag.get("Value") or ""
        _tag_size(key, value, "InvalidTagsToAddException")
        if key in found:
            raise CodeDeployException("InvalidTagsToAddException", f"The tag key {key!r} is given twice")
        found[key] = value
    if len(found) > limits.RESOURCE_TAGS:
        raise CodeDeployException("InvalidTagsToAddException", f"More than {limits.RESOURCE_TAGS} tags were specified")
    return found


def _tag_size(key: str, value: str, code: str) -> None:
    if not key or key.lower().startswith("aws:") or len(key) > limits.TAG_KEY or len(value) > limits.TAG_VALUE:
        raise CodeDeployException(code, f"The tag {key!r} is invalid: its key or value is too long, empty or reserved")


def on_premises_tags(tags: list[dict[str, str]] | None) -> list[dict[str, str]]:
    """Tags of on-premises instances, which need key and value."""
    if not tags:
        raise CodeDeployException("TagRequiredException", "A tag was not specified")
    for tag in tags:
        if not tag.get("Key") or not tag.get("Value"):
            raise CodeDeployException("InvalidTagException", "The tag key and the tag value must both be specified")
        _tag_size(tag["Key"], tag["Value"], "InvalidTagException")
    return tags


def tag_filters(filters: list[dict[str, str]] | None, code: str) -> None:
    """Filters by Key, Value and Type; `code` is the error of this kind of tag."""
    if len(filters or []) > limits.TAGS_IN_SET:
        raise CodeDeployException(code, f"More than {limits.TAGS_IN_SET} tags were specified")
    for one in filters or []:
        kind = enum(one.get("Type"), ("KEY_ONLY", "VALUE_ONLY", "KEY_AND_VALUE"), code, "The tag filter type")
        if kind in ("KEY_ONLY", "KEY_AND_VALUE") and not one.get("Key"):
            raise CodeDeployException(code, f"A tag filter of type {kind} needs a key")
        if kind == "VALUE_ONLY" and not one.get("Value"):
            raise CodeDeployException(code, "A tag filter of type VALUE_ONLY needs a value")
        if not one.get("Key") and not one.get("Value"):
            raise CodeDeployException(code, "A tag filter needs a key or a value")
        if len(one.get("Key") or "") > limits.TAG_KEY or len(one.get("Value") or "") > limits.TAG_VALUE:
            raise CodeDeployException(code, "The key or value of a tag filter is too long")


def page(items: list[Any], token: str | None, size: int = limits.PAGE_SIZE) -> tuple[list[Any], str | None]:
    """One page of `items` and the token of the next, or None."""
    start = _offset(token) if token else 0
    end = start + size
    following = base64.urlsafe_b64encode(f"page:{end}".encode()).decode() if end < len(items) else None
    return items[start:end], following


def _offset(token: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError):
        text = ""
    if not re.fullmatch(r"page:\d{1,9}", text):
        raise CodeDeployException("InvalidNextTokenException", "The next token was specified in an invalid format")
    return int(text[5:])
