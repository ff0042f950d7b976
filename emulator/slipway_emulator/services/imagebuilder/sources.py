# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What the service reads from others on a caller's behalf: S3 objects and SSM parameters."""

from __future__ import annotations

from urllib.parse import urlsplit

from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends
from moto.ssm.exceptions import ParameterVersionNotFound
from moto.ssm.models import ssm_backends
from moto.utilities.utils import get_partition

from .exceptions import InvalidParameterValueException
from .store import Store

LARGEST_DOCUMENT = 64 * 1024  # bytes; the default quota of a component document in S3


def read_object(store: Store, parameter: str, uri: str) -> str:
    """The text at s3://bucket/key."""
    address = urlsplit(uri)
    key = address.path.lstrip("/")
    if address.scheme != "s3" or not address.netloc or not key:
        raise InvalidParameterValueException(parameter, f"{parameter} must be of the form s3://bucket/key.")
    backend = s3_backends[store.account_id][get_partition(store.region_name)]
    try:
        found = backend.get_object(address.netloc, key)
    except S3ClientError:
        found = None
    if found is None:
        raise InvalidParameterValueException(parameter, f"The S3 object '{uri}' does not exist or cannot be read.")
    if len(found.value) > LARGEST_DOCUMENT:
        raise InvalidParameterValueException(
            parameter, f"The S3 object '{uri}' is larger than {LARGEST_DOCUMENT} bytes."
        )
    try:
        return str(found.value.decode())
    except UnicodeDecodeError:
        raise InvalidParameterValueException(parameter, f"The S3 object '{uri}' is not UTF-8 text.") from None


def read_parameter(store: Store, name: str) -> str | None:
    """The value of an SSM parameter given by name or ARN; None when there is none."""
    try:
        found = ssm_backends[store.account_id][store.region_name].get_parameter(name)
    except ParameterVersionNotFound:
        return None
    return str(found.value) if found else None
