# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of a list operation, read to their end and not for ever. Private to this collection.

botocore's paginators notice only a token that comes twice in a row. A service, or whatever answers in its place, that
gives two tokens in turn or ever new ones would be read until the end of time.
"""

from __future__ import annotations

import itertools
import time
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

MOST_PAGES = 2_000  # a hundred thousand items and more
# The member of the answer, and that of the question; one of them in every service used here.
TOKENS = {
    "nextToken": "nextToken",
    "NextToken": "NextToken",
    "NextMarker": "Marker",
    "Marker": "Marker",
    "NextContinuationToken": "ContinuationToken",
}


def pages(aws: Connection, service: str, operation: str, **asked: t.Any) -> t.Iterator[Shape]:
    """The answers of an operation, page by page. `operation` as boto3 spells it."""
    client = aws.client(service)
    call, name = getattr(client, operation), client.meta.method_to_api_mapping[operation]
    known: set[str] = set()
    for _page in range(MOST_PAGES):
        answer = call(**asked)
        yield answer
        token = next(({asks: answer[tells]} for tells, asks in TOKENS.items() if answer.get(tells)), None)
        if token is None:
            return
        _refuse_again(name, known, *token.values())
        _refuse_late(name, aws.deadline)
        asked = {**asked, **token}
    raise Refused(f"AWS answered {name} with more than {MOST_PAGES} pages. Narrow down what the task reads.")


def items(
    aws: Connection, service: str, operation: str, key: str, most: int | None = None, **asked: t.Any
) -> list[t.Any]:
    """What all pages list under a key; the first `most` of it where that is given."""
    found = (item for page in pages(aws, service, operation, **asked) for item in page.get(key, []))
    return list(itertools.islice(found, most))


def _refuse_again(name: str, known: set[str], token: str) -> None:
    if token in known:
        text = f"AWS answered {name} with a page token that it had given before, so its pages would never end"
        raise Refused(f"{text}. Run the task again; if that does not help, check what answers at the endpoint.")
    known.add(token)


def _refuse_late(name: str, deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        text = f"AWS still answered {name} with more pages when wait_timeout expired"
        raise Refused(f"{text}. Raise wait_timeout, or narrow down what the task reads.")
