# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Steps of workflows that have other services do something: Run Command, Sysprep, a state machine of Step Functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.moto_api._internal import mock_random
from moto.ssm.models import ssm_backends

from slipway_emulator.extensions.ssm import documents

from .build_instances import BuildStage
from .executions import StepFailed
from .store import Item

STATE_MACHINE = re.compile(r"arn:aws[^:]*:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[^:]{1,80}(:[^:]+)?")


def _run_command(stage: BuildStage, inputs: Item) -> Item:
    """A command document on the instance; the first script of it that fails fails the step."""
    name = _needed(inputs, "RunCommand", "documentName")
    given = {key: [str(v) for v in _listed(value)] for key, value in (inputs.get("parameters") or {}).items()}
    backend = ssm_backends[stage.store.account_id][stage.store.region_name]
    try:
        document = documents.find(backend, name, inputs.get("documentVersion"))
        steps = documents.steps(document, documents.parameters(document, given))
    except (JsonRESTError, ServiceException) as refused:
        raise StepFailed(f"Run Command refused the document '{name}': {refused.message}") from None
    for step in steps:
        why = _performed(stage, step)
        if why:
            raise StepFailed(f"The command of the document '{name}' failed in step {step.name}: {why}")
    return {"runCommandId": str(mock_random.uuid4()), "status": "Success", "output": ""}


def _performed(stage: BuildStage, step: documents.Step) -> str | None:
    machine = stage.machine
    if machine is None:
        return "there is no instance"
    if not step.runs_on("Windows" if machine.windows else "Linux"):
        return None
    if step.action == documents.POWERSHELL:
        return machine.run_powershell(step.script)
    return machine.run_script(step.script) if step.action == documents.SHELL else None


def _sysprep(stage: BuildStage, _inputs: Item) -> Item:
    if stage.image["platform"] != "Windows":
        raise StepFailed(f"Sysprep runs on Windows only; the platform of the image is {stage.image['platform']}.")
    return {"runCommandId": str(mock_random.uuid4()), "status": "Success", "output": ""}


def _state_machine(stage: BuildStage, inputs: Item) -> Item:
    """Taken to succeed: there is no Step Functions here."""
    arn = _needed(inputs, "ExecuteStateMachine", "stateMachineArn")
    if not STATE_MACHINE.fullmatch(arn):
        raise StepFailed(f"'{arn}' is not the ARN of a state machine.")
    execution = f"{arn.replace(':stateMachine:', ':execution:')}:{mock_random.uuid4()}"
    return {"executionArn": execution, "output": "{}"}


def _needed(inputs: Item, action: str, name: str) -> str:
    if not inputs.get(name):
        raise StepFailed(f"The action {action} needs the input '{name}'.")
    return str(inputs[name])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# What the step does to the instance of a stage, with its inputs; gives its outputs, raises StepFailed.
ACTIONS: dict[str, Callable[[BuildStage, Item], Item]] = {
    "RunCommand": _run_command,
    "RunSysPrep": _sysprep,
    "ExecuteStateMachine": _state_machine,
}
