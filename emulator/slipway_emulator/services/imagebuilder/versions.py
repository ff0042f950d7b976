# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Semantic versions of three nodes, of which trailing ones may be the wildcard x."""

from __future__ import annotations

from .exceptions import InvalidVersionNumberException

Version = tuple[int, int, int]
Pattern = tuple[int | None, ...]  # None: any

HIGHEST_NODE = 1_073_741_823


def parse(text: str) -> Version:
    """Three numbers; InvalidVersionNumberException when a node is out of bounds."""
    found = pattern(text)
    if None in found:
        raise InvalidVersionNumberException(f"The version '{text}' must not contain wildcards.")
    return found  # type: ignore[return-value]  # the wildcard was excluded above


def pattern(text: str) -> Pattern:
    """Three nodes, wildcards only at the end (1.x.x; neither x.2.x nor 1.x.8), as references have them."""
    found = nodes(text)
    fixed = [node for node in found if node is not None]
    if list(found[: len(fixed)]) != fixed:
        raise InvalidVersionNumberException(
            f"The version '{text}' is not valid. All nodes to the right of the first wildcard must also be wildcards."
        )
    return found


def nodes(text: str) -> Pattern:
    """Three nodes, wildcards anywhere, as a new recipe may have them."""
    found = tuple(None if node == "x" else int(node) for node in text.split("."))
    if any(node is not None and node > HIGHEST_NODE for node in found):
        raise InvalidVersionNumberException(
            f"The version '{text}' is not valid. Each node must be between 0 and {HIGHEST_NODE}."
        )
    return found


def fits(version: Version, wanted: Pattern) -> bool:
    return all(want is None or node == want for node, want in zip(version, wanted, strict=True))


def text(version: Version) -> str:
    return ".".join(map(str, version))


def following(wanted: Pattern, taken: list[Version]) -> Version:
    """The version that an automatic increment assigns: the next after the highest match, the first one at zero."""
    matches = [version for version in taken if fits(version, wanted)]
    if not matches:
        return tuple(node or 0 for node in wanted)  # type: ignore[return-value]  # three nodes in, three out
    last = max(index for index, node in enumerate(wanted) if node is None)
    counted = (node + 1 if index == last else node for index, node in enumerate(max(matches)))
    return tuple(counted)  # type: ignore[return-value]  # three nodes in, three out


def references(versionless: str, version: Version) -> dict[str, str]:
    """latestVersionReferences of a resource; `versionless` is its ARN up to the name."""
    major, minor, _patch = version
    return {
        "latestVersionArn": f"{versionless}/x.x.x",
        "latestMajorVersionArn": f"{versionless}/{major}.x.x",
        "latestMinorVersionArn": f"{versionless}/{major}.{minor}.x",
        "latestPatchVersionArn": f"{versionless}/{text(version)}",
    }
