# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a deployment group may hold: the rules of each block, and how an update merges with what is there.

Settings stay in the API's shape throughout.
"""

from __future__ import annotations

from typing import Any

from . import limits, validation
from .exceptions import CodeDeployException

Settings = dict[str, Any]

FIELDS = (
    "deploymentConfigName",
    "ec2TagFilters",
    "onPremisesInstanceTagFilters",
    "autoScalingGroups",
    "serviceRoleArn",
    "triggerConfigurations",
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "outdatedInstancesStrategy",
    "deploymentStyle",
    "blueGreenDeploymentConfiguration",
    "loadBalancerInfo",
    "ec2TagSet",
    "ecsServices",
    "onPremisesTagSet",
    "ec2DeploymentOptions",
    "terminationHookEnabled",
)
TAG_SELECTION = ("ec2TagFilters", "ec2TagSet", "onPremisesInstanceTagFilters", "onPremisesTagSet")
TRIGGER_EVENTS = tuple(f"Deployment{what}" for what in ("Start", "Success", "Failure", "Stop", "Rollback", "Ready")) + (
    "InstanceStart",
    "InstanceSuccess",
    "InstanceFailure",
    "InstanceReady",
)
ROLLBACK_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")
PROCESSES = ("Terminate", "AZRebalance", "InstanceRefresh", "ScheduledActions")
SHIFTING = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
IN_PLACE = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}


def merged(current: Settings, given: Settings) -> Settings:
    """Settings after an update: what is not given is kept.

    Tag filters and tag sets are one selection with the Auto Scaling groups: once any part of it is given, a tag
    selection that is not given again is gone.
    """
    kept = dict(current)
    if any(name in given for name in (*TAG_SELECTION, "autoScalingGroups")):
        kept = {name: value for name, value in kept.items() if name not in TAG_SELECTION}
    return {**kept, **given}


def check(settings: Settings, platform: str) -> Settings:
    """The settings with defaults filled in, or the error that AWS would answer."""
    style = _check_style(settings.get("deploymentStyle"), platform)
    _check_tags(settings, platform)
    _check_scaling(settings, platform)
    _check_triggers(settings.get("triggerConfigurations") or [])
    check_alarms(settings.get("alarmConfiguration"))
    check_rollback(settings.get("autoRollbackConfiguration"))
    _check_load_balancer(settings.get("loadBalancerInfo"), style, platform)
    _check_blue_green(settings, platform)
    _check_ecs(settings, platform)
    return {**settings, "deploymentStyle": style}


def _check_style(style: dict[str, str] | None, platform: str) -> dict[str, str]:
    code = "InvalidDeploymentStyleException"
    default = IN_PLACE if platform == "Server" else SHIFTING
    style = {**default, **(style or {})}
    validation.enum(style["deploymentType"], ("IN_PLACE", "BLUE_GREEN"), code, "The deployment type")
    options = ("WITH_TRAFFIC_CONTROL", "WITHOUT_TRAFFIC_CONTROL")
    validation.enum(style["deploymentOption"], options, code, "The deployment option")
    if platform != "Server" and style != SHIFTING:
        raise CodeDeployException(
            code, f"The {platform} compute platform needs deploymentType BLUE_GREEN and option WITH_TRAFFIC_CONTROL"
        )
    return style


def _tag_sets(settings: Settings, name: str) -> list[list[dict[str, str]]]:
    return (settings.get(name) or {}).get(f"{name}List") or []


def _check_tags(settings: Settings, platform: str) -> None:
    for flat, grouped, code, combination in (
        ("ec2TagFilters", "ec2TagSet", "InvalidEC2TagException", "InvalidEC2TagCombinationException"),
        (
            "onPremisesInstanceTagFilters",
            "onPremisesTagSet",
            "InvalidTagException",
            "InvalidOnPremisesTagCombinationException",
        ),
    ):
        filters, sets = settings.get(flat) or [], _tag_sets(settings, grouped)
        if (filters or sets) and platform != "Server":
            raise CodeDeployException(code, f"Tags cannot be specified for the {platform} compute platform")
        if filters and sets:
            raise CodeDeployException(combination, f"{flat} and {grouped} cannot be used in the same call")
        if len(sets) > limits.TAG_SETS:
            raise CodeDeployException(
                "TagSetListLimitExceededException", f"More than {limits.TAG_SETS} tag groups were specified"
            )
        for one in [filters, *sets]:
            validation.tag_filters(one, code)


def _check_scaling(settings: Settings, platform: str) -> None:
    code = "InvalidAutoScalingGroupException"
    names = settings.get("autoScalingGroups")
    if names is not None and platform == "ECS":
        raise CodeDeployException(code, "Auto Scaling groups can not be specified for the ECS compute platform")
    if names and platform != "Server":
        raise CodeDeployException(code, f"Auto Scaling groups can not be specified for the {platform} compute platform")
    if len(names or []) > limits.AUTO_SCALING_GROUPS or len(set(names or [])) != len(names or []):
        raise CodeDeployException(
            code, f"At most {limits.AUTO_SCALING_GROUPS} different Auto Scaling groups are allowed"
        )
    validation.enum(
        settings.get("outdatedInstancesStrategy"),
        ("UPDATE", "IGNORE"),
        "InvalidInputException",
        "The outdated instances strategy",
    )
    check_processes(settings.get("ec2DeploymentOptions"))


def check_processes(options: dict[str, Any] | None) -> None:
    code = "InvalidAutoScalingGroupProcessToSuspendException"
    processes = (options or {}).get("autoScalingGroupProcessesToSuspend") or []
    for process in processes:
        validation.enum(process, PROCESSES, code, "The Auto Scaling process")
    if len(set(processes)) != len(processes):
        raise CodeDeployException(code, "An Auto Scaling process is given twice")


def _check_triggers(triggers: list[dict[str, Any]]) -> None:
    code = "InvalidTriggerConfigException"
    if len(triggers) > limits.TRIGGERS:
        raise CodeDeployException(
            "TriggerTargetsLimitExceededException", f"More than {limits.TRIGGERS} triggers were specified"
        )
    names = [trigger.get("triggerName") for trigger in triggers]
    if not all(names) or len(set(names)) != len(names):
        raise CodeDeployException(code, "Every trigger needs a name of its own")
    for trigger in triggers:
        arn = trigger.get("triggerTargetArn") or ""
        if not validation.TOPIC_ARN.fullmatch(arn):
            raise CodeDeployException(code, f"Topic ARN {arn!r} of trigger {trigger['triggerName']} is not valid")
        events = trigger.get("triggerEvents") or []
        if not events:
            raise CodeDeployException(code, f"Trigger {trigger['triggerName']} has no events")
        for event in events:
            validation.enum(event, TRIGGER_EVENTS, code, "The trigger event")


def check_alarms(configuration: dict[str, Any] | None) -> None:
    """Alarm configuration of a group, or the one that overrides it in a deployment."""
    code = "InvalidAlarmConfigException"
    names = [alarm.get("name") for alarm in (configuration or {}).get("alarms") or []]
    if len(names) > limits.ALARMS:
        raise CodeDeployException("AlarmsLimitExceededException", f"More than {limits.ALARMS} alarms were specified")
    if (configuration or {}).get("enabled") and not names:
        raise CodeDeployException(code, "Alarms cannot be enabled when the list of alarms is empty")
    if not all(name and len(name) <= limits.ALARM_NAME for name in names):
        raise CodeDeployException(code, f"An alarm name must have 1 to {limits.ALARM_NAME} characters")
    if len(set(names)) != len(names):
        raise CodeDeployException(code, "The same alarm is specified more than once")


def check_rollback(configuration: dict[str, Any] | None) -> None:
    """Automatic rollback configuration of a group or a deployment."""
    code = "InvalidAutoRollbackConfigException"
    events = (configuration or {}).get("events") or []
    for event in events:
        validation.enum(event, ROLLBACK_EVENTS, code, "The automatic rollback event")
    if (configuration or {}).get("enabled") and not events:
        raise CodeDeployException(code, "Automatic rollback is enabled, but no event that triggers it is specified")


NO_PAIR = (
    "A deployment group associated with an application that uses the ECS compute platform must contain a valid pair of"
    " target groups that identify a load balancer"
)


def _load_balancer(why: str) -> CodeDeployException:
    return CodeDeployException("InvalidLoadBalancerInfoException", why)


def _check_load_balancer(info: dict[str, Any] | None, style: dict[str, str], platform: str) -> None:
    info = info or {}
    if platform == "Lambda":
        if any(info.values()):
            raise _load_balancer("A load balancer cannot be specified for the Lambda compute platform")
        return
    named = [*(info.get("elbInfoList") or []), *(info.get("targetGroupInfoList") or [])]
    pairs = info.get("targetGroupPairInfoList") or []
    if platform == "ECS" and (named or not pairs):
        raise _load_balancer(NO_PAIR)
    if style["deploymentOption"] == "WITH_TRAFFIC_CONTROL" and not named and not pairs:
        raise _load_balancer("A deployment with traffic control needs a load balancer")
    if any(len(info.get(name) or []) > limits.LOAD_BALANCERS for name in ("elbInfoList", "targetGroupInfoList")):
        raise _load_balancer(f"More than {limits.LOAD_BALANCERS} load balancers or target groups were specified")
    if not all(one.get("name") for one in named):
        raise _load_balancer("A load balancer or target group has no name")
    if pairs and platform == "Server":
        raise _load_balancer("A target group pair is supported only for the ECS compute platform")
    _check_pairs(pairs)


def _check_pairs(pairs: list[dict[str, Any]]) -> None:
    code = "InvalidTargetGroupPairException"
    if len(pairs) > 1:
        raise CodeDeployException(code, "Only one target group pair is allowed")
    for pair in pairs:
        names = [group.get("name") for group in pair.get("targetGroups") or []]
        if len(names) != 2 or len(set(names)) != 2 or not all(names):
            raise CodeDeployException(code, "A target group pair needs the names of two different target groups")
        _check_routes(pair, code)


def _check_routes(pair: dict[str, Any], code: str) -> None:
    if len((pair.get("prodTrafficRoute") or {}).get("listenerArns") or []) != 1:
        raise CodeDeployException(code, "The production traffic route needs exactly one listener")
    test = pair.get("testTrafficRoute")
    if not test:
        return
    if len(test.get("listenerArns") or []) != 1:
        raise CodeDeployException(code, "The test traffic route needs exactly one listener")
    production, tested = pair["prodTrafficRoute"]["listenerArns"][0], test["listenerArns"][0]
    if production == tested or production.rpartition("/")[0] != tested.rpartition("/")[0]:
        raise CodeDeployException(
            code, "The production and the test traffic route need two listeners of the same load balancer"
        )


def check_network_listeners(info: dict[str, Any] | None, routing: dict[str, Any] | None) -> None:
    """Traffic behind a Network Load Balancer cannot be shifted in steps."""
    pairs = (info or {}).get("targetGroupPairInfoList") or []
    listeners = [arn for pair in pairs for arn in (pair.get("prodTrafficRoute") or {}).get("listenerArns") or []]
    if any(":listener/net/" in arn for arn in listeners) and (routing or {}).get("type") != "AllAtOnce":
        raise CodeDeployException(
            "InvalidTrafficRoutingConfigurationException",
            "A Network Load Balancer supports only a deployment configuration that shifts all traffic at once",
        )


def _check_blue_green(settings: Settings, platform: str) -> None:
    code = "InvalidBlueGreenDeploymentConfigurationException"
    configuration = settings.get("blueGreenDeploymentConfiguration")
    if not configuration:
        if platform == "ECS":
            raise CodeDeployException(code, "The ECS compute platform needs a blue/green deployment configuration")
        return
    if platform == "Lambda":
        raise CodeDeployException(code, "A blue/green configuration is not supported for the Lambda compute platform")
    _check_waits(configuration, code)
    green = configuration.get("greenFleetProvisioningOption") or {}
    provisioning = ("DISCOVER_EXISTING", "COPY_AUTO_SCALING_GROUP")
    validation.enum(green.get("action"), provisioning, code, "The provisioning action")
    if platform == "ECS":
        _check_ecs_blue_green(configuration, code)
    if green.get("action") == "COPY_AUTO_SCALING_GROUP" and len(settings.get("autoScalingGroups") or []) != 1:
        raise CodeDeployException(
            code,
            "Exactly one AutoScaling group must be specifed when selecting the COPY_AUTO_SCALING_GROUP green fleet"
            " provisioning option.",  # the service's own spelling
        )


def _check_ecs_blue_green(configuration: dict[str, Any], code: str) -> None:
    end = configuration.get("terminateBlueInstancesOnDeploymentSuccess") or {}
    if configuration.get("greenFleetProvisioningOption"):
        raise CodeDeployException(code, "greenFleetProvisioningOption is not supported for the ECS compute platform")
    if end.get("action") == "KEEP_ALIVE":
        raise CodeDeployException(
            code, "The termination action KEEP_ALIVE is not supported for the ECS compute platform"
        )


def _check_waits(configuration: dict[str, Any], code: str) -> None:
    end = configuration.get("terminateBlueInstancesOnDeploymentSuccess") or {}
    ready = configuration.get("deploymentReadyOption") or {}
    validation.enum(end.get("action"), ("TERMINATE", "KEEP_ALIVE"), code, "The termination action")
    readiness = ("CONTINUE_DEPLOYMENT", "STOP_DEPLOYMENT")
    validation.enum(ready.get("actionOnTimeout"), readiness, code, "The action on time-out")
    if not 0 <= (end.get("terminationWaitTimeInMinutes") or 0) <= limits.TERMINATION_WAIT_MINUTES:
        raise CodeDeployException(code, "terminationWaitTimeInMinutes must be between 0 and 2880")
    if ready.get("waitTimeInMinutes") and ready.get("actionOnTimeout") != "STOP_DEPLOYMENT":
        raise CodeDeployException(
            code, "Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is specified"
        )
    if ready.get("waitTimeInMinutes") == 0 and ready.get("actionOnTimeout") == "STOP_DEPLOYMENT":
        raise CodeDeployException(
            code, "Deployment ready action cannot be set to 'STOP_DEPLOYMENT' when timeout is set to 0 minutes"
        )
    if end.get("terminationWaitTimeInMinutes") and end.get("action") == "KEEP_ALIVE":
        raise CodeDeployException(code, "terminationWaitTimeInMinutes cannot be specified with the action KEEP_ALIVE")


def _check_ecs(settings: Settings, platform: str) -> None:
    services = settings.get("ecsServices") or []
    if services and platform != "ECS":
        raise CodeDeployException(
            "InvalidECSServiceException", f"ECS services cannot be specified for the {platform} compute platform"
        )
    if platform == "ECS" and (
        len(services) != 1 or not all(services[0].get(n) for n in ("serviceName", "clusterName"))
    ):
        raise CodeDeployException("InvalidECSServiceException", "Exactly one ECS service, with its cluster, is needed")
