# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Quotas and maxima of the service, and how long the emulated steps take (seconds of the emulator's clock)."""

from __future__ import annotations

PAGE_SIZE = 100  # no list operation has a page-size parameter; the real size is not documented
BATCH = 25
APPLICATION_BATCH = 100
GROUP_BATCH = 100
APPLICATIONS = 1000
GROUPS = 1000
CUSTOM_CONFIGS = 50
NAME = 100
DESCRIPTION = 256
TAG_KEY = 128
TAG_VALUE = 256
RESOURCE_TAGS = 50
TAG_SETS = 3
TAGS_IN_SET = 10
AUTO_SCALING_GROUPS = 10
LIFECYCLE_HOOKS = 50  # of one Auto Scaling group
TRIGGERS = 10
ALARMS = 50
ALARM_NAME = 255
LOAD_BALANCERS = 10
ON_PREMISES_TAGS = 10
TERMINATION_WAIT_MINUTES = 2880
INSTANCES_PER_DEPLOYMENT = 1000

QUEUE_SECONDS = 2.0  # from Created to InProgress
POLL_SECONDS = 1.0  # until the agent fetches the next command
DOWNLOAD_SECONDS = 5.0
INSTALL_SECONDS = 6.0
SCRIPT_SECONDS = 4.0
EMPTY_EVENT_SECONDS = 1.0
STEADY_CHECK_SECONDS = 5.0  # how often a deployment looks whether the new task set is steady
TRAFFIC_CHECK_SECONDS = 5.0  # how often a deployment looks at the health of a target, or whether it is drained
AGENT_CHECK_SECONDS = 10.0  # how often a waiting event looks for the agent
ALARM_POLL_SECONDS = 10.0
EVENT_START_SECONDS = 300.0  # an event the agent does not fetch fails after this
LAUNCH_START_SECONDS = 3600.0  # the same for a host that an Auto Scaling group is booting
EVENT_SECONDS = 3600.0  # an event that is not completed fails after this
SCRIPT_TIMEOUT_SECONDS = 3600
IN_PLACE_SECONDS = 12 * 3600.0  # a whole deployment in place
UNTIL_SHIFT_SECONDS = 48 * 3600.0  # a blue/green deployment from its start until traffic moves
BLUE_GREEN_SECONDS = 109 * 3600.0  # a whole blue/green deployment
LOG_TAIL = 2048
HOOK_HEARTBEAT_SECONDS = 7200  # covers the launch start clock plus the deployment: the service sends heartbeats instead
