# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks of Run Command, as requests: pure. Private to this collection.

SendCommand takes 50 ids, and targets of different entries have to fit all at once: so more ids are several commands. They
are sent one after the other, as many at once as `max_concurrency` allows, and the errors of all count together.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

PAGE = 50  # ids in one command
MOST_COMMENT = 50  # characters: AWS takes 100, and our mark needs the rest
LIMITS = {
    "max_concurrency": re.compile(r"([1-9][0-9]{0,5}|[1-9][0-9]?%|100%)\Z"),
    "max_errors": re.compile(r"(0|[1-9][0-9]{0,5}|[0-9]%|[1-9][0-9]%|100%)\Z"),
}
MARK = re.compile(r"slipway:([0-9a-f]{16})-[0-9a-f]{8}(?: (\d{1,6})/(\d{1,6}))?\Z")
PLAIN = {
    "document_version": "DocumentVersion",
    "document_hash": "DocumentHash",
    "document_hash_type": "DocumentHashType",
    "timeout_seconds": "TimeoutSeconds",
    "output_s3_bucket_name": "OutputS3BucketName",
    "output_s3_key_prefix": "OutputS3KeyPrefix",
    "service_role_arn": "ServiceRoleArn",
}
BLOCKS = {
    "cloud_watch_output_config": "CloudWatchOutputConfig",
    "alarm_configuration": "AlarmConfiguration",
    "notification_config": "NotificationConfig",
}


class Wish(t.NamedTuple):
    """What is to run where, and how far it may go wrong."""

    document: str
    common: Shape  # members of every command
    parts: list[Shape]  # whom each command is for
    digest: str
    comment: str
    concurrency: str
    errors: str

    @property
    def ids(self) -> list[str]:
        """The nodes, where the task names them."""
        return [node for part in self.parts for node in part.get("InstanceIds", [])]

    @property
    def at_once(self) -> int:
        """Nodes that may run at the same time, where several commands share them."""
        return max(1, share(self.concurrency, len(self.ids)))

    def load(self, number: int) -> int:
        """As many of them as a command takes at most."""
        return min(len(self.parts[number].get("InstanceIds", [])), self.at_once)

    def spent(self, failed: int) -> bool:
        """Whether more nodes failed than the task allows; a single command sees to that itself."""
        return len(self.parts) > 1 and failed > share(self.errors, len(self.ids))

    def request(self, number: int, failed: int, nonce: str) -> Shape:
        """SendCommand for a part, after so many nodes of earlier parts failed. `nonce`, 8 digits, is of this call alone."""
        limits = {"MaxConcurrency": self.concurrency, "MaxErrors": self.errors}
        if len(self.parts) > 1:
            allowed = share(self.errors, len(self.ids)) - failed
            limits = {"MaxConcurrency": str(min(PAGE, self.at_once)), "MaxErrors": str(max(0, allowed))}
        return {**self.common, **self.parts[number], **limits, "Comment": self.mark(number, nonce)}

    def mark(self, number: int, nonce: str) -> str:
        """The comment of a command, by which it is found again: by the digest of what is asked, or as this very one."""
        place = f" {number + 1}/{len(self.parts)}" if len(self.parts) > 1 else ""
        return f"{self.comment} slipway:{self.digest}-{nonce}{place}".strip()


def wish_of(params: Shape) -> Wish:
    """The options of a task, checked as far as they can be without AWS."""
    comment = params["comment"] or ""
    if len(comment) > MOST_COMMENT:
        raise Refused(f"comment has {len(comment)} characters, and at most {MOST_COMMENT} are possible. Shorten it.")
    for option, form in LIMITS.items():
        if not form.match(params[option]):
            raise Refused(
                f"{option} is {shown_short(params[option])}. Set it to a number or a percentage, such as 10 or 10%."
            )
    ids = list(dict.fromkeys(params["instance_ids"] or []))
    targets = _targets(params["targets"] or [])
    common = {"DocumentName": params["document_name"], **_common(params)}
    parts: list[Shape] = [{"InstanceIds": ids[start : start + PAGE]} for start in range(0, len(ids), PAGE)]
    asked = {
        **{key: common.get(key) for key in ("DocumentName", "DocumentVersion", "DocumentHash", "Parameters")},
        "for": targets or (ids if len(parts) > 1 else sorted(ids)),
        "comment": comment,
    }
    return Wish(
        params["document_name"],
        common,
        parts or [{"Targets": targets}],
        hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16],
        comment,
        params["max_concurrency"],
        params["max_errors"],
    )


def _targets(targets: list[Shape]) -> list[Shape]:
    return [{"Key": one["key"], "Values": one["values"]} for one in targets]


def _common(params: Shape) -> Shape:
    plain = {member: params[option] for option, member in PLAIN.items() if params[option] not in (None, "")}
    if "DocumentHash" not in plain:
        plain.pop("DocumentHashType", None)
    blocks = {member: _pascal(given(params[option])) for option, member in BLOCKS.items() if params[option]}
    values = parameters(params["parameters"] or {}, params["secret_parameters"] or {})
    return {**plain, **blocks, **({"Parameters": values} if values else {})}


def _pascal(value: t.Any) -> t.Any:
    """Blocks in the spelling of this API, which begins every member with a capital."""
    if isinstance(value, dict):
        return {"".join(part.capitalize() for part in key.split("_")): _pascal(item) for key, item in value.items()}
    return [_pascal(item) for item in value] if isinstance(value, list) else value


def parameters(plain: Shape, secret: Shape) -> dict[str, list[str]]:
    """The parameters of a document: each is a list of texts."""
    twice = sorted(set(plain) & set(secret))
    if twice:
        raise Refused(f"{', '.join(twice)} is in parameters and in secret_parameters. Remove it from one of them.")
    return {str(name): _texts(value) for name, value in {**plain, **secret}.items() if value is not None}


def _texts(value: t.Any) -> list[str]:
    return [_text(item) for item in value] if isinstance(value, list) else [_text(value)]


def _text(value: t.Any) -> str:
    """Maps are JSON in a text, and documents know true and false in small letters."""
    return json.dumps(value, sort_keys=True) if isinstance(value, (dict, list, bool)) else str(value)


def share(limit: str, count: int) -> int:
    """What a number or a percentage is of so many nodes."""
    return count * int(limit[:-1]) // 100 if limit.endswith("%") else int(limit)


def waves(nodes: list[str], concurrency: str) -> list[list[str]]:
    """The nodes in the order in which they begin, if all take equally long. AWS starts the next as soon as one ends."""
    size = max(1, share(concurrency, len(nodes)))
    return [nodes[start : start + size] for start in range(0, len(nodes), size)]


def marked(command: Shape) -> tuple[str, int, int] | None:
    """Digest, place and number of the commands of a run, by the comment of one of them."""
    found = MARK.search(command.get("Comment") or "")
    return (found[1], int(found[2] or 1), int(found[3] or 1)) if found else None
