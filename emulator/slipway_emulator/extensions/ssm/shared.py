# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What every part of the SSM extension needs: the model's constraints, pages, platforms."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from moto.core.utils import get_service_model
from moto.ssm.exceptions import SSMException, ValidationException

from slipway_emulator.numerals import is_number

from ...contents import Contents

AGENT_VERSION = "3.3.3050.0"  # of the SSM agent on every host


def request(response: Any) -> dict[str, Any]:
    """The parameters of the request, checked against the constraints of the service's model."""
    parameters = json.loads(response.body or "{}")
    shape = get_service_model("ssm").operation_model(response._get_action()).input_shape
    problems = list(_problems(parameters, shape, ""))
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
        raise ValidationException(count + "; ".join(problems))
    return parameters


def _problems(value: Any, shape: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _problems(value[name], member, f"{path}.{name[0].lower()}{name[1:]}".lstrip("."))
    elif shape.type_name == "list" and isinstance(value, list):
        yield from _limits(value, shape, path, len(value))
        for number, item in enumerate(value, start=1):
            yield from _problems(item, shape.member, f"{path}.{number}.member")
    elif shape.type_name == "string" and isinstance(value, str):
        yield from _limits(value, shape, path, len(value))
        yield from _wording(value, shape, path)
    elif shape.type_name in ("integer", "long") and isinstance(value, int):
        yield from _limits(value, shape, path, value)


def _limits(value: Any, shape: Any, path: str, size: int) -> Iterator[str]:
    what = "have value" if isinstance(value, int) else "have length"
    for bound, word, wrong in (
        ("max", "less", size > shape.metadata.get("max", size)),
        ("min", "greater", size < shape.metadata.get("min", size)),
    ):
        if wrong:
            limit = shape.metadata[bound]
            yield (
                f"Value '{value}' at '{path}' failed to satisfy constraint: "
                f"Member must {what} {word} than or equal to {limit}"
            )


def _wording(value: str, shape: Any, path: str) -> Iterator[str]:
    told = f"Value '{value}' at '{path}' failed to satisfy constraint: Member must satisfy"
    pattern, enum = shape.metadata.get("pattern"), shape.metadata.get("enum")
    if pattern and not re.fullmatch(_python(pattern), value):
        yield f"{told} regular expression pattern: {pattern}"
    if enum and value not in enum:
        yield f"{told} enum value set: [{', '.join(enum)}]"


def _python(pattern: str) -> str:
    """The model writes Unicode classes and the end of a text as Java does."""
    pattern = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", lambda found: r"\Z" if found[0] == "$" else found[0], pattern)
    return pattern.replace(r"\p{L}", r"\w").replace(r"\p{Z}", r"\s").replace(r"\p{N}", r"\d")


def paged(
    items: Sequence[Any], token: str | None, size: int, fits: Callable[[Any], bool] = lambda _item: True
) -> dict[str, Any]:
    """A page of what fits as `items` and, if there is more, the `NextToken`.

    The token is a place in `items`, so that a page costs what it looks at and not what came before it.
    """
    if token and not is_number(token):
        raise SSMException("InvalidNextToken", "The specified token is not valid.")
    found: list[Any] = []
    for place in range(int(token or 0), len(items)):
        if fits(items[place]):
            if len(found) == size:
                return {"items": found, "NextToken": str(place)}
            found.append(items[place])
    return {"items": found}


def platform_type(contents: Contents) -> str:
    return "Windows" if contents.windows else "Linux"


def not_in_a_valid_state(account_id: str, ids: list[str]) -> SSMException:
    """One bad id fails a whole call."""
    return SSMException(
        "InvalidInstanceId", f"Instances [[{', '.join(ids)}]] not in a valid state for account {account_id}"
    )
