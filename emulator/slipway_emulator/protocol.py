# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Reading requests and writing errors by the botocore model, whatever the service's protocol."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from botocore.exceptions import UnknownServiceError
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.responses import ActionContext, ActionResult
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

SCOPE = re.compile(r"Credential=(?P<key>[^/]{1,200})/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
# Where the name a request is signed with is not the service's name in botocore.
SERVICE_OF_SIGNATURE = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
# What deployments need; moto has more, some of which reach for the network or for Docker. By botocore's names.
SERVED = frozenset(
    (
        "application-autoscaling",
        "autoscaling",
        "cloudwatch",
        "codedeploy",
        "ec2",
        "ecr",
        "ecs",
        "elb",
        "elbv2",
        "iam",
        "imagebuilder",
        "kms",
        "lambda",
        "logs",
        "ram",
        "resource-groups",
        "resourcegroupstaggingapi",
        "s3",
        "secretsmanager",
        "sns",
        "sqs",
        "ssm",
        "sts",
    )
)
MODULES = frozenset(name.replace("-", "") for name in SERVED) - {"lambda"} | {"awslambda"}  # by moto's names


# What the models do not call sensitive and may hold passwords all the same; the ledger has no use for it.
SECRETS = frozenset(
    (
        "ExternalId",
        "Password",
        "SAMLAssertion",
        "SecretAccessKey",
        "SessionToken",
        "TokenCode",
        "UserData",
        "WebIdentityToken",
    )
) | {"userDataOverride"}
HIDDEN = "********"


class Reply(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Asked:
    """What a request asks for, as far as the model tells."""

    service: str
    operation: str
    region: str
    access_key: str
    parameters: dict[str, Any]
    model: ServiceModel | None = None
    protocol: str = ""


def read(request: Request) -> Asked:
    """Name the service, operation and parameters of a request; empty names when it is not an AWS call."""
    asked = addressed(request)
    named = request.headers.get("X-Amz-Target", "").rpartition(".")[2] if asked.service else ""
    if asked.model is None:
        return replace(asked, operation=named)
    try:
        operation, labels = get_service_router(asked.service).match(request)
    except (NotImplementedError, NotFound):
        return replace(asked, operation=named, model=None, protocol="")
    return replace(asked, operation=operation.name, parameters=_parameters(request, operation, labels))


def addressed(request: Request) -> Asked:
    """The service and its protocol, as the headers tell: nothing of the body is read."""
    scope = SCOPE.search(request.headers.get("Authorization", ""))
    key, region, signed = scope.group("key", "region", "service") if scope else ("", "", "")
    service = SERVICE_OF_SIGNATURE.get(signed, signed)
    try:
        model = get_service_model(service) if service else None
        protocol = determine_request_protocol(model, request.content_type) if model else ""
    except (UnknownServiceError, NotImplementedError):
        model, protocol = None, ""
    return Asked(service, "", region, key, {}, model, protocol)


def is_signed(request: Request) -> bool:
    """Whether it bears a signature, in the header or, presigned, in the query."""
    return "Authorization" in request.headers or any(name in request.args for name in ("X-Amz-Signature", "Signature"))


def error(asked: Asked, code: str, message: str, status: int | None = None) -> Reply:
    """An error in the words and the protocol of the service; the status is the model's unless given."""
    model = asked.model or get_service_model("sts")
    protocol = asked.protocol or "query"
    known = asked.model is not None and asked.operation
    operation = model.operation_model(asked.operation) if known else OperationModel({}, model)
    serializer = get_serializer_class(model.service_name, protocol)
    context = ActionContext(model, operation, serializer, _NoResponse())  # type: ignore[arg-type]  # only read for transformers
    served, headers, body = ActionResult(_Refused(code, message)).execute_result(context)
    payload = body.encode() if isinstance(body, str) else body
    return Reply(status or int(served), [(k, str(v)) for k, v in headers.items()], payload)


class _Refused(ServiceException):
    """An error of the emulator itself; moto would look for the model of a service named after its own package."""


class _NoResponse:
    RESPONSE_KEY_PATH_TO_TRANSFORMER: dict[str, Any] = {}


def _parameters(request: Request, operation: OperationModel, labels: dict[str, Any]) -> dict[str, Any]:
    """The input by its model, without what may be large or secret: blobs, payloads, sensitive members."""
    if operation.service_model.service_name == "s3":
        return dict(labels)
    protocol = determine_request_protocol(operation.service_model, request.content_type)
    parsed = PROTOCOL_PARSERS[protocol](operation, map_type=dict).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": labels,
        }
    )
    return {k: v for k, v in _public(parsed, operation.input_shape).items() if v is not None}


def _public(value: Any, shape: Any) -> Any:
    if shape is None or value is None:
        return value
    if shape.metadata.get("sensitive") or shape.type_name == "blob":
        return HIDDEN
    if shape.type_name == "structure" and isinstance(value, dict):
        return {k: HIDDEN if k in SECRETS and v else _public(v, shape.members.get(k)) for k, v in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [_public(item, shape.member) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {k: _public(v, shape.value) for k, v in value.items()}
    return value
