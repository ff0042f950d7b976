# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Revision locations: their validation, their identity, and what is shown of them."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from . import validation
from .exceptions import CodeDeployException, RevisionRequired

MEMBER = {"S3": "s3Location", "GitHub": "gitHubLocation", "String": "string", "AppSpecContent": "appSpecContent"}
BUNDLE_TYPES = ("tar", "tgz", "zip", "YAML", "JSON")
ARCHIVES = ("tar", "tgz", "zip")
Location = dict[str, Any]


def _invalid(why: str) -> CodeDeployException:
    return CodeDeployException("InvalidRevisionException", why)


def check(location: Location | None, platform: str) -> Location:
    """The location if its type, members and platform fit."""
    if not location:
        raise RevisionRequired
    kind = location.get("revisionType")
    validation.enum(kind, MEMBER, "InvalidRevisionException", "The revision type")
    filled = [name for name in MEMBER.values() if location.get(name)]
    if kind is None or filled != [MEMBER[kind]]:
        raise _invalid("A revision needs a revisionType and exactly the location member of that type")
    _fits_platform(kind, platform)
    CHECKS[kind](location[MEMBER[kind]], platform)
    return location


def _fits_platform(kind: str, platform: str) -> None:
    allowed = {
        "Server": ("S3", "GitHub"),
        "Lambda": ("S3", "String", "AppSpecContent"),
        "ECS": ("S3", "AppSpecContent"),
    }
    if kind not in allowed[platform]:
        raise _invalid(f"A revision of type {kind} is not supported for the {platform} compute platform")


def _check_s3(s3: dict[str, str], platform: str) -> None:
    if not s3.get("bucket") or not s3.get("key"):
        raise _invalid("An S3 revision needs bucket and key")
    bundle = s3.get("bundleType")
    validation.enum(bundle, BUNDLE_TYPES, "InvalidRevisionException", "The bundle type")
    if bundle is None:
        raise _invalid("An S3 revision needs a bundleType")
    if (platform == "Server") != (bundle in ARCHIVES):
        raise _invalid(f"The bundle type {bundle} is not supported for the {platform} compute platform")


def _check_git_hub(git_hub: dict[str, str], platform: str) -> None:
    if not re.fullmatch(r"[^/\s]+/[^/\s]+", git_hub.get("repository") or ""):
        raise _invalid("A GitHub revision needs a repository of the form account/repository")
    if not re.fullmatch(r"[0-9a-fA-F]{40}", git_hub.get("commitId") or ""):
        raise _invalid("A GitHub revision needs a commitId of 40 hexadecimal digits")


def _check_content(content: dict[str, str], platform: str) -> None:
    if not content.get("content") and not content.get("sha256"):
        raise _invalid("The content of the AppSpec file is missing")
    if content.get("content") and _sha256(content) != _digest(content["content"]):
        raise _invalid("The sha256 of the AppSpec file is not that of its content")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sha256(content: dict[str, str]) -> str:
    """The one that was given, else that of the content."""
    return (content.get("sha256") or _digest(content.get("content") or "")).lower()


def has_content(location: Location) -> bool:
    """Whether it tells what to deploy; an AppSpec file may be named by its sum alone."""
    member = location[MEMBER[location["revisionType"]]]
    return location["revisionType"] not in ("String", "AppSpecContent") or bool(member.get("content"))


CHECKS = {"S3": _check_s3, "GitHub": _check_git_hub, "String": _check_content, "AppSpecContent": _check_content}


def identity(location: Location) -> tuple[str, ...]:
    """What makes two locations the same revision: the eTag counts with or without quotes, the description never."""
    kind = location["revisionType"]
    member = location[MEMBER[kind]]
    if kind in ("String", "AppSpecContent"):
        return kind, _sha256(member)
    return kind, *(f"{name}={str(value).strip(chr(34))}" for name, value in sorted(member.items()) if value)


def shown(location: Location) -> Location:
    """As deployments show it: the content of an AppSpec is never given back there."""
    if location.get("revisionType") != "AppSpecContent":
        return location
    return {**location, "appSpecContent": {"sha256": _sha256(location["appSpecContent"])}}


def same(one: Location | None, other: Location | None) -> bool:
    return one is not None and other is not None and identity(one) == identity(other)
