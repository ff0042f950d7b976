# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a command of the `aws` program reads of its models, read once before it is forked: half of the time of a command."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
from typing import Any

# Of the program's own environment.
from botocore.loaders import DataNotFoundError, JSONFileLoader, Loader, create_loader

SERVICES = ("autoscaling", "codedeploy", "ec2", "ecs", "elbv2", "iam", "imagebuilder", "lambda", "s3", "ssm", "sts")
KINDS = ("service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1")
OF_ALL = ("endpoints", "partitions", "sdk-default-configuration", "_retry")

read = functools.cache(JSONFileLoader().load_file)
loader = create_loader(os.environ["AWS_DATA_PATH"])  # the program sets it when it is imported
services = functools.cache(loader.list_available_services)


def _load_file(_loader: Any, path: str) -> Any:
    return read(path)


def _list_available_services(_loader: Any, type_name: str) -> list[str]:
    return list(services(type_name))


def _read_all() -> None:
    for name in OF_ALL:
        loader.load_data(name)
    for service in SERVICES:
        for kind in KINDS:
            with contextlib.suppress(DataNotFoundError):
                loader.load_service_model(service, kind)
    gc.freeze()  # what all share stays shared


JSONFileLoader.load_file = _load_file
Loader.list_available_services = _list_available_services
_read_all()
