# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Exceptions raised by the codedeploy service.

The service declares more than a hundred error codes, most of them with one use: those are raised by code and sentence.
The ones raised from many places have a class with their text.
"""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class CodeDeployException(ServiceException):
    """`CodeDeployException("InvalidRoleException", "why")`, or a subclass with the fields of its text."""


class ApplicationDoesNotExist(CodeDeployException):
    code = "ApplicationDoesNotExistException"
    message = "No application found for name: {name}"


class ApplicationAlreadyExists(CodeDeployException):
    code = "ApplicationAlreadyExistsException"
    message = "Application already exists for name: {name}"


class DeploymentGroupDoesNotExist(CodeDeployException):
    code = "DeploymentGroupDoesNotExistException"
    message = "No Deployment Group found for name: {name}"


class DeploymentGroupAlreadyExists(CodeDeployException):
    code = "DeploymentGroupAlreadyExistsException"
    message = "Deployment Group already exists with name: {name}"


class DeploymentGroupNameRequired(CodeDeployException):
    code = "DeploymentGroupNameRequiredException"
    message = "Deployment Group name is missing"


class ApplicationNameRequired(CodeDeployException):
    code = "ApplicationNameRequiredException"
    message = "Application name is missing"


class DeploymentConfigDoesNotExist(CodeDeployException):
    code = "DeploymentConfigDoesNotExistException"
    message = "No deployment configuration found for name: {name}"


class DeploymentDoesNotExist(CodeDeployException):
    code = "DeploymentDoesNotExistException"
    message = "The deployment {deployment_id} could not be found"


class DeploymentNotStarted(CodeDeployException):
    code = "DeploymentNotStartedException"
    message = "The specified deployment has not started: {deployment_id}"


class DeploymentAlreadyCompleted(CodeDeployException):
    code = "DeploymentAlreadyCompletedException"
    message = "The deployment {deployment_id} is already completed"


class DeploymentLimitExceeded(CodeDeployException):
    code = "DeploymentLimitExceededException"
    message = "The Deployment Group '{group}' already has an active Deployment '{deployment_id}'"


class RevisionRequired(CodeDeployException):
    code = "RevisionRequiredException"
    message = "The revision ID was not specified"


class BatchLimitExceeded(CodeDeployException):
    code = "BatchLimitExceededException"
    message = "The maximum number of names or IDs allowed for this request ({limit}) was exceeded"


class InstanceNotRegistered(CodeDeployException):
    code = "InstanceNotRegisteredException"
    message = "The on-premises instance {name} is not registered"


class InvalidInput(CodeDeployException):
    code = "InvalidInputException"
    message = "The input was specified in an invalid format"


class Unsupported(CodeDeployException):
    """A thing that CodeDeploy does and this emulator does not, said in the form of an AWS error."""

    code = "UnsupportedOperation"
