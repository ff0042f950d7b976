# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Exceptions raised by the imagebuilder service; the HTTP status of each is the service model's."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class ClientException(ServiceException):
    code = "ClientException"


class InvalidRequestException(ServiceException):
    code = "InvalidRequestException"


class InvalidParameterCombinationException(ServiceException):
    code = "InvalidParameterCombinationException"


class InvalidVersionNumberException(ServiceException):
    code = "InvalidVersionNumberException"


class ServiceQuotaExceededException(ServiceException):
    code = "ServiceQuotaExceededException"


class ResourceInUseException(ServiceException):
    code = "ResourceInUseException"


class InvalidParameterValueException(ServiceException):
    """One parameter is wrong; its path is named as in the request."""

    code = "InvalidParameterValueException"

    def __init__(self, parameter: str, why: str) -> None:
        super().__init__(f"The value supplied for parameter '{parameter}' is not valid. {why}")


class InvalidPaginationTokenException(ServiceException):
    code = "InvalidPaginationTokenException"

    def __init__(self) -> None:
        super().__init__("The pagination token supplied is not valid.")


class IdempotentParameterMismatchException(ServiceException):
    code = "IdempotentParameterMismatchException"

    def __init__(self, token: str) -> None:
        super().__init__(f"The client token '{token}' was already used by a request with other parameters.")


class DryRunOperationException(ServiceException):
    code = "DryRunOperationException"

    def __init__(self) -> None:
        super().__init__(
            "The dry run operation of the resource was successful, no resources or mutations were performed."
        )


class ResourceNotFoundException(ServiceException):
    code = "ResourceNotFoundException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"The resource '{arn}' could not be found.")


class ResourceAlreadyExistsException(ServiceException):
    code = "ResourceAlreadyExistsException"

    def __init__(self, noun: str, arn: str) -> None:
        super().__init__(f"The following resource '{noun}' already exists: '{arn}'.")


class ResourceDependencyException(ServiceException):
    code = "ResourceDependencyException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Resource dependency error: The resource ARN '{arn}' has other resources depended on it.")
