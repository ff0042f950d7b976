# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Every operation of the service answers as AWS does, whatever it is asked."""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from support.image_builder import Builder, document

MODEL = botocore.session.get_session().get_service_model("imagebuilder")
HEAD = "arn:aws:imagebuilder:eu-central-1:123456789012"
STEP_ID = "11111111-2222-3333-4444-555555555555"
NOT_BUILT = {
    "GetMarketplaceResource",
    "ImportDiskImage",
    "ImportVmImage",
}
# A value that the service takes, by the name of the shape or of the member; everything named does not exist.
VALUES: dict[str, Any] = {
    "ComponentBuildVersionArn": f"{HEAD}:component/none/1.0.0/1",
    "ComponentVersionArnOrBuildVersionArn": f"{HEAD}:component/none/1.0.0",
    "ImageRecipeArn": f"{HEAD}:image-recipe/none/1.0.0",
    "ContainerRecipeArn": f"{HEAD}:container-recipe/none/1.0.0",
    "InfrastructureConfigurationArn": f"{HEAD}:infrastructure-configuration/none",
    "DistributionConfigurationArn": f"{HEAD}:distribution-configuration/none",
    "ImagePipelineArn": f"{HEAD}:image-pipeline/none",
    "ImageBuildVersionArn": f"{HEAD}:image/none/1.0.0/1",
    "ImageVersionArnOrBuildVersionArn": f"{HEAD}:image/none/1.0.0",
    "LifecyclePolicyArn": f"{HEAD}:lifecycle-policy/none",
    "WorkflowBuildVersionArn": f"{HEAD}:workflow/build/none/1.0.0/1",
    "WorkflowVersionArnOrBuildVersionArn": f"{HEAD}:workflow/build/none/1.0.0",
    "ImageBuilderArn": f"{HEAD}:component/none/1.0.0/1",
    "WorkflowExecutionId": f"wf-{STEP_ID}",
    "WorkflowStepExecutionId": f"step-{STEP_ID}",
    "LifecycleExecutionId": f"lce-{STEP_ID}",
    "ResourceName": "sample",
    "VersionNumber": "1.0.0",
    "WildcardVersionNumber": "1.0.0",
    "RoleNameOrArn": "builder",
    "InstanceProfileNameType": "builder",
    "InlineComponentData": document("true"),
    "MarketplaceResourceLocation": "s3://bucket/key",
    "TagMap": {"key": "value"},
    "region": "eu-central-1",
    "data": document("true"),
}


def sample(shape: Any, name: str = "") -> Any:
    """A value of a shape with its required members only."""
    if shape.name in VALUES or name in VALUES:
        return VALUES.get(shape.name, VALUES.get(name))
    if shape.type_name == "structure":
        return {member: sample(shape.members[member], member) for member in shape.required_members}
    if shape.type_name == "list":
        return [sample(shape.member, name)]
    if shape.type_name == "string":
        return shape.enum[0] if getattr(shape, "enum", None) else "sample"
    return {"integer": shape.metadata.get("min", 1), "boolean": True}.get(shape.type_name, {})


def answer(builder: Builder, operation: str, parameters: dict[str, Any]) -> tuple[str | None, str]:
    """The code and message of the error, None when there was none."""
    method = botocore.xform_name(operation)
    try:
        getattr(builder.client, method)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return None, ""


def asked(operation: str) -> dict[str, Any]:
    return dict(sample(MODEL.operation_model(operation).input_shape))


def test_every_operation_answers_in_the_words_of_the_service(builder: Builder) -> None:
    known = {None, *(error.name for error in MODEL.error_shapes)}
    answers = {name: answer(builder, name, asked(name)) for name in MODEL.operation_names if name not in NOT_BUILT}
    assert {name: told for name, told in answers.items() if told[0] not in known} == {}
    assert [name for name, told in answers.items() if told[0] is None and name.startswith("Create")] != []


def test_what_is_not_built_says_so(builder: Builder) -> None:
    for operation in NOT_BUILT:
        code, message = answer(builder, operation, asked(operation))
        assert code == "UnsupportedOperation"
        assert f"imagebuilder {operation} is not built in this emulator" in message


def test_what_is_not_there_cannot_be_deleted(builder: Builder) -> None:
    deletes = [name for name in MODEL.operation_names if name.startswith("Delete")]
    codes = {name: answer(builder, name, asked(name))[0] for name in deletes}
    assert codes == dict.fromkeys(deletes, "ResourceNotFoundException")
