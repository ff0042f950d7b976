# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a build leaves elsewhere: a log stream in CloudWatch, a message to the SNS topic at its end."""

from __future__ import annotations

import json
from contextlib import suppress

from moto.logs.models import logs_backends
from moto.sns.exceptions import SNSException
from moto.sns.models import sns_backends

from slipway_emulator.clock import clock

from .store import Item, Store


def log(store: Store, image: Item) -> None:
    """One line for each change of state, in the group of the image and the stream of the build."""
    backend = logs_backends[store.account_id][store.region_name]
    group = image.get("loggingConfiguration", {}).get("logGroupName", f"/aws/imagebuilder/{image['name']}")
    if group not in backend.groups:
        backend.create_log_group(group, {})
    stream = image["version"]
    if stream not in backend.groups[group].streams:
        backend.create_log_stream(group, stream)
    state = image["state"]
    message = f"{state['status']} {state.get('reason', '')}".strip()
    backend.put_log_events(group, stream, [{"timestamp": int(clock.now() * 1000), "message": message}])


def tell(store: Store, image: Item) -> None:
    """Publish the image to the topic of its infrastructure configuration."""
    topic = image.get("infrastructureConfiguration", {}).get("snsTopicArn")
    if not topic:
        return
    versionless, version, build = image["arn"].rsplit("/", 2)
    message = {
        **{key: value for key, value in image.items() if value is not None},
        "versionlessArn": versionless,
        "buildVersion": int(build),
        "version": version,
    }
    with suppress(SNSException):  # the topic may be gone by now
        sns_backends[store.account_id][store.region_name].publish(json.dumps(message, default=str), topic)
