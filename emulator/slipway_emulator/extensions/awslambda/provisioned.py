# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Provisioned concurrency of an alias or a version: kept with it, ready on the clock, not changed while an alias is weighted."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.awslambda import urls
from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.responses import LambdaResponse

from ...clock import clock
from .._patching import put

PATH = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/provisioned-concurrency/?$"
SECONDS = 60  # until it is allocated
NOWHERE = "No Provisioned Concurrency Config found for this function"
Answer = tuple[int, dict[str, str], str]


class NotFound(LambdaClientError):
    code = 404

    def __init__(self) -> None:
        super().__init__("ProvisionedConcurrencyConfigNotFoundException", NOWHERE)


def extend() -> None:
    urls.url_paths[PATH] = LambdaResponse.dispatch
    put(LambdaResponse, put_provisioned_concurrency_config, delete_provisioned_concurrency_config)
    put(
        LambdaResponse,
        get_provisioned_concurrency_config=_read,
        list_provisioned_concurrency_configs=_read,  # the same address, with List=ALL
    )


def put_provisioned_concurrency_config(self: Any) -> Answer:
    held = _held(self)
    if getattr(held, "routing_config", None):
        raise InvalidParameterValueException("Alias with weights can not be used with Provisioned Concurrency")
    held.provisioned = (json.loads(self.body)["ProvisionedConcurrentExecutions"], clock.datetime())
    return 202, {}, json.dumps(_shown(held))


def delete_provisioned_concurrency_config(self: Any) -> Answer:
    held = _held(self)
    if not hasattr(held, "provisioned"):
        raise NotFound
    del held.provisioned
    return 204, {}, ""


def _read(self: Any) -> Answer:
    if self._get_param("List"):
        function = self.backend.get_function(_name(self))
        aliases = [one for one in self.backend.list_aliases(function.function_name) if hasattr(one, "provisioned")]
        listed = [{"FunctionArn": one.arn, **_shown(one)} for one in aliases]
        return 200, {}, json.dumps({"ProvisionedConcurrencyConfigs": listed})
    held = _held(self)
    if not hasattr(held, "provisioned"):
        raise NotFound
    return 200, {}, json.dumps(_shown(held))


def _name(self: Any) -> str:
    return unquote(self.path.rstrip("/").split("/")[-2])


def _held(self: Any) -> Any:
    """The alias or the published version that is asked for."""
    name, qualifier = _name(self), self._get_param("Qualifier")
    if qualifier == "$LATEST":
        raise InvalidParameterValueException(
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
        )
    if str(qualifier).isdigit():
        return self.backend.get_function(name, qualifier)
    return self.backend.get_alias(name=qualifier, function_name=name)


def _shown(held: Any) -> dict[str, Any]:
    wanted, since = held.provisioned
    ready = (clock.datetime() - since).total_seconds() >= SECONDS
    return {
        "RequestedProvisionedConcurrentExecutions": wanted,
        "AvailableProvisionedConcurrentExecutions": wanted if ready else 0,
        "AllocatedProvisionedConcurrentExecutions": wanted if ready else 0,
        "Status": "READY" if ready else "IN_PROGRESS",
        "LastModified": since.strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }
