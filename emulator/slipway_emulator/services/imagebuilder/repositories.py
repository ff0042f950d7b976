# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Container images in moto's ECR as Image Builder pushes them."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress

from moto.core.exceptions import ServiceException
from moto.ecr.models import ecr_backends

from .executions import StepFailed

MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


def push(account: str, region: str, repository: str, tags: list[str], content: str) -> list[str]:
    """The URIs of an image under all its tags; raises StepFailed when the repository does not take it."""
    backend = ecr_backends[account][region]
    if repository not in backend.repositories:
        raise StepFailed(
            f"The repository with name '{repository}' does not exist in the registry with id '{account}'"
            f" in Region {region}."
        )
    part = {"digest": f"sha256:{hashlib.sha256(content.encode()).hexdigest()}", "size": 1}
    manifest = {"schemaVersion": 2, "mediaType": MEDIA_TYPE, "config": part, "layers": [part]}
    uri = backend.repositories[repository].uri
    for tag in tags:
        try:
            backend.put_image(repository, json.dumps(manifest), tag)
        except ServiceException as refused:
            if refused.code != "ImageAlreadyExistsException":  # it is what this would have made
                raise StepFailed(str(refused.message)) from None
    return [f"{uri}:{tag}" for tag in tags]


def ensure(account: str, region: str, repository: str) -> None:
    """The repository is there, made now if need be."""
    backend = ecr_backends[account][region]
    if repository not in backend.repositories:
        backend.create_repository(repository, None, {"encryptionType": "AES256"}, None, "MUTABLE", [])


def remove(account: str, region: str, uris: list[str]) -> None:
    """The images of these URIs; what is gone is gone."""
    backend = ecr_backends[account][region]
    for uri in uris:
        repository, _colon, tag = uri.partition("/")[2].rpartition(":")
        with suppress(ServiceException):
            backend.batch_delete_image(repository, account, [{"imageTag": tag}])
