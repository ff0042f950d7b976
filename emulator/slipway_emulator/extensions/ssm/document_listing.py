# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""ListDocuments: the account's own, those shared with it, and AWS's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.ssm.exceptions import InvalidFilterKey, ValidationException
from moto.ssm.responses import SimpleSystemManagerResponse

from .._patching import put
from .document_sharing import shared_with
from .shared import paged, request

KEYS = ("Name", "Owner", "DocumentType", "PlatformTypes", "TargetType", "SearchKeyword")
OWNERS = ("Self", "Amazon", "Private", "Public", "ThirdParty", "All")


def extend() -> None:
    """Put the operation onto moto's responses."""
    put(SimpleSystemManagerResponse, list_documents)


def list_documents(self: Any) -> ActionResult:
    """ListDocuments: the default version of each, by name; values of a filter are alternatives, all filters must fit."""
    asked, backend = request(self), self.ssm_backend
    wanted = [(f["Key"], f.get("Values", [])) for f in asked.get("Filters", [])]
    wanted += [(f["key"], [f["value"]]) for f in asked.get("DocumentFilterList", [])]
    _check(wanted)
    owner = next((values[0] for key, values in wanted if key == "Owner"), "All")
    found = [
        told
        for told in _visible(backend, owner)
        if all(_fits(told, key, values) for key, values in wanted if key != "Owner")
    ]
    found.sort(key=lambda told: told["Name"])
    page = paged(found, asked.get("NextToken"), asked.get("MaxResults") or 50)
    return ActionResult({"DocumentIdentifiers": page.pop("items"), "NextToken": page.get("NextToken", "")})


def _check(wanted: list[tuple[str, list[str]]]) -> None:
    tags = {key for key, _values in wanted if key.startswith("tag:")}
    for key, values in wanted:
        if key not in KEYS and key not in tags:
            raise InvalidFilterKey(f"The filter key {key} is not valid.")
        if key == "Owner" and (len(values) != 1 or values[0] not in OWNERS):
            raise ValidationException("Owner filter can only have one value.")
    if len(tags) > 1:
        raise ValidationException("Documents can be filtered by a single tag key.")


def _visible(backend: Any, owner: str) -> Iterator[dict[str, Any]]:
    """Documents of the wanted owner as identifiers; those of other accounts by their ARN."""
    if owner in ("Self", "All"):
        for name, documents in backend._documents.items():
            yield documents.get_default_version().list_describe(tags=backend._get_documents_tags(name))
    if owner in ("Amazon", "All"):
        for documents in backend._amazon_documents():
            yield documents.get_default_version().list_describe()
    if owner in ("Private", "Public", "All"):
        for arn, documents in shared_with(backend):
            if owner == "All" or (owner == "Public") == (backend.account_id not in documents.permissions):
                yield {**documents.get_default_version().list_describe(), "Name": arn}


def _fits(told: dict[str, Any], key: str, values: list[str]) -> bool:
    if key.startswith("tag:"):
        tags = {tag["Key"]: tag["Value"] for tag in told.get("Tags", [])}
        name = key.removeprefix("tag:")
        return name in tags and (not values or tags[name] in values)
    if key == "Name":
        return told["Name"].startswith(tuple(values))
    if key == "SearchKeyword":
        return any(value.lower() in told["Name"].lower() for value in values)
    if key == "PlatformTypes":
        return bool({v.lower() for v in values} & {p.lower() for p in told["PlatformTypes"]})
    return told.get(key) in values
