# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions of a workflow document as data: their inputs, what later steps may read, and in which workflows they make sense."""

from __future__ import annotations

import dataclasses

BUILD, TEST, DISTRIBUTION = "BUILD", "TEST", "DISTRIBUTION"
EVERYWHERE = (BUILD, TEST, DISTRIBUTION)


@dataclasses.dataclass(frozen=True)
class Action:
    """`inputs`: those that are known, None for any. `outputs`: those that are known, None for any."""

    inputs: tuple[str, ...] | None = ()
    required: tuple[str, ...] = ()
    outputs: tuple[str, ...] | None = None
    types: tuple[str, ...] = EVERYWHERE


_INSTANCE = ("instanceId",)
_COMMAND = ("runCommandId", "status", "output")
_ON_INSTANCE = Action(_INSTANCE, _INSTANCE, types=(BUILD, TEST))
_OF_BUILD = Action(_INSTANCE, _INSTANCE, types=(BUILD,))
_OF_DISTRIBUTION = Action(None, types=(DISTRIBUTION,))

ACTIONS: dict[str, Action] = {
    "ApplyImageConfigurations": _OF_DISTRIBUTION,
    "BootstrapInstanceForContainer": Action(_INSTANCE, _INSTANCE, _COMMAND, (BUILD, TEST)),
    "CollectImageMetadata": Action(_INSTANCE, _INSTANCE, ("osVersion", "associationId"), (BUILD,)),
    "CollectImageScanFindings": _ON_INSTANCE,
    "CreateImage": Action(_INSTANCE, _INSTANCE, ("imageId",), (BUILD,)),
    "CreateImageFromIso": Action(_INSTANCE, _INSTANCE, ("amiName", "snapshotId", "architecture"), (BUILD,)),
    "DistributeContainerImage": Action(_INSTANCE, _INSTANCE, types=(DISTRIBUTION,)),
    "DistributeImage": _OF_DISTRIBUTION,
    "ExecuteComponents": _ON_INSTANCE,
    "ExecuteStateMachine": Action(("stateMachineArn", "input"), ("stateMachineArn",)),
    "LaunchInstance": Action(
        ("healthCheck", "imageIdOverride", "instanceTypesOverride", "platformOverride", "waitFor"),
        (),
        _INSTANCE,
        (BUILD, TEST),
    ),
    "ModifyImageAttributes": Action(None),
    "RegisterImage": Action(None, types=(BUILD,)),
    "RunCommand": Action(
        ("documentName", "documentVersion", "instanceId", "parameters"),
        ("documentName", "instanceId"),
        _COMMAND,
        (BUILD, TEST),
    ),
    "RunSysPrep": _OF_BUILD,
    "SanitizeInstance": _OF_BUILD,
    "TerminateInstance": _ON_INSTANCE,
    "WaitForAction": Action(("lambdaFunctionName", "payload", "snsTopicArn"), outputs=("action", "reason")),
    "WaitForSSMAgent": _ON_INSTANCE,
}
