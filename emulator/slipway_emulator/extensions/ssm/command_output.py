# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The whole output of a command, which the node writes to S3 and to CloudWatch Logs when the command asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.ssm.exceptions import SSMException
from moto.utilities.utils import get_partition

from ...clock import clock
from ...console_commands import Outcome
from ...hosts import Host

STREAMS = ("stdout", "stderr")


def check(account_id: str, region: str, asked: dict[str, Any]) -> None:
    """A bucket that does not exist is refused at once."""
    bucket = asked.get("OutputS3BucketName")
    if bucket and bucket not in s3_backends[account_id][get_partition(region)].buckets:
        raise SSMException("InvalidOutputFolder", f"The S3 bucket {bucket} does not exist.")


def keep(host: Host, command_id: str, asked: dict[str, Any], results: dict[tuple[str, str], Outcome]) -> None:
    """Write what the steps printed; `results` by the action and the name of the step."""
    for (action, step), outcome in results.items():
        for stream, text in _streams(outcome):
            if asked.get("OutputS3BucketName"):
                key = _key(asked, command_id, host, action, step, stream)
                s3 = s3_backends[host.account_id][get_partition(host.region)]
                s3.put_object(asked["OutputS3BucketName"], key, text.encode())
            if (asked.get("CloudWatchOutputConfig") or {}).get("CloudWatchOutputEnabled"):
                _log(host, asked, f"{command_id}/{host.instance_id}/{action.replace(':', '-')}/{stream}", text)


def url(host: Host, command_id: str, asked: dict[str, Any], action: str, step: str, stream: str) -> str:
    """Where S3 has the output of a step; empty when nothing is kept there."""
    if not asked.get("OutputS3BucketName"):
        return ""
    key = _key(asked, command_id, host, action, step, stream)
    return f"https://s3.{host.region}.amazonaws.com/{asked['OutputS3BucketName']}/{key}"


def _streams(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """The agent writes no empty file."""
    for stream in STREAMS:
        text = getattr(outcome, stream)
        if text:
            yield stream, text


def _key(asked: dict[str, Any], command_id: str, host: Host, action: str, step: str, stream: str) -> str:
    plugin = action.replace(":", "")
    parts = (asked.get("OutputS3KeyPrefix"), command_id, host.instance_id, plugin, _folder(action, step), stream)
    return "/".join(part for part in parts if part)


def _folder(action: str, step: str) -> str:
    """Documents of schema 1.2 number what they run; later ones name it."""
    return f"0.{action.replace(':', '')}" if step == action else step


def _log(host: Host, asked: dict[str, Any], stream: str, text: str) -> None:
    logs = logs_backends[host.account_id][host.region]
    config = asked["CloudWatchOutputConfig"]
    group = config.get("CloudWatchLogGroupName") or f"/aws/ssm/{asked['DocumentName']}"
    if group not in logs.groups:
        logs.create_log_group(group, {})
    logs.create_log_stream(group, stream)
    event = {"timestamp": int(clock.now() * 1000), "message": text}
    logs.put_log_events(group, stream, [event])
