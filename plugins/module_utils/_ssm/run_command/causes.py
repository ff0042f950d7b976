# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a command failed on a node: one identifier for a cause, and one advice for it. Pure. Private to this collection."""

from __future__ import annotations

import re

from ansible_collections.slipway.aws.plugins.module_utils._ssm import needs

# By the details of the status, where nothing ran or nothing more is known.
BY_STATUS = {
    "DeliveryTimedOut": "node_unreachable",
    "Undeliverable": "node_unreachable",
    "ExecutionTimedOut": "too_slow",
    "InvalidPlatform": "wrong_platform",
    "AccessDenied": "not_allowed",
    "Cancelled": "canceled",
    "Terminated": "error_limit",
    "NotSent": "error_limit",
}
# By what the node wrote, in lower case, the surest first. Words of the SSM agent, of its package plugin, and of systems.
BY_OUTPUT = (
    (r"already in the process of", "package_busy"),
    (r"failed to retrieve (package document|manifest).*(accessdenied|not authorized)", "package_denied"),
    (r"failed to retrieve manifest.*require valid document name", "package_of_aws"),
    (r"failed to (verify|download) .*(checksum|hash)|hash .*does not match", "package_changed"),
    (r"no manifest found for platform|failed to find platform", "package_platform"),
    (r"missing install action|package is incomplete|more than one implementation", "package_layout"),
    (r"missing update script", "package_update"),
    (r"package document is not currently active", "package_inactive"),
    (r"failed to retrieve package document.*invaliddocument", "package_missing"),
    (r"failed to download", "download_failed"),
    (r"ssm_ ?prefix|must start with ssm_", "package_arguments"),
    (r"unable to locate credentials|nocredentialproviders|no ec2 imds role found", "no_credentials"),
    (r"\baccessdenied(exception)?\b|is not authorized to perform|403 forbidden", "node_denied"),
    (r"no space left on device|there is not enough space on the disk", "disk_full"),
    (
        r"could not get lock|is another process using it|another copy is running|resource temporarily unavailable",
        "package_manager_busy",
    ),
    (
        r"could not resolve host|temporary failure in name resolution|connection timed out|network is unreachable",
        "no_network",
    ),
    (r"running scripts is disabled on this system", "scripts_disabled"),
)
BY_EXIT_CODE = {126: "not_executable", 127: "not_found", 137: "killed", 143: "killed"}
ADVICE = {
    "node_unreachable": f"Check that the node and its SSM agent run and that the agent reaches {needs.ENDPOINTS}, then run the task again. "
    "slipway.aws.ssm_managed_node_info shows which nodes answer.",
    "too_slow": "Find out what the script waits for, or raise the execution time-out, which is a parameter of most documents "
    "(executionTimeout).",
    "wrong_platform": "Select the nodes of one platform, or set ignore_invalid_platform to leave the others out.",
    "not_allowed": "Allow the caller ssm:SendCommand on this node.",
    "canceled": "Run the task again. A script that was already running may have gone on: check the node.",
    "error_limit": "Fix the nodes that failed, or raise max_errors, then run the task again.",
    "package_busy": "Wait until the other action has ended. If nothing is running, restart the SSM agent of the node.",
    "package_platform": "Add the platform, version and architecture of the node to the manifest of the package. Once a platform "
    "matches, the SSM agent looks nowhere else.",
    "package_layout": "Put install and uninstall scripts into the root of the archive, one of each kind, and publish a new version.",
    "package_update": "Add an update script to the package, or install with the type Uninstall and reinstall.",
    "package_inactive": "Wait until the version of the package is Active, then run the task again.",
    "package_missing": "Correct the name or the version of the package. A package that another account shares is named by its ARN.",
    "package_denied": "Allow the role of the node ssm:GetDocument and ssm:DescribeDocument, as AmazonSSMManagedInstanceCore does, also in the "
    "policy of a VPC endpoint for ssm.",
    "package_of_aws": "Correct the name of the package. If it is one of AWS, allow it in the policy of the VPC endpoint for ssm: since 3.3.551.0 the "
    "SSM agent gets packages of AWS from Systems Manager only.",
    "package_changed": "Publish the package again as a new version: its file is not the one of the manifest.",
    "download_failed": f"Let the node reach {needs.S3}, also in the policy of the endpoint, then run the task again.",
    "package_arguments": "Let every key of additionalArguments begin with SSM_.",
    "no_credentials": f"Attach an instance profile whose role has {needs.ROLE} to the instance.",
    "node_denied": "Allow the role of the node what its output names.",
    "disk_full": "Free disk space on the node.",
    "package_manager_busy": "Another program is installing packages on the node. Run the task again when it has ended.",
    "no_network": "Give the node a route to what it could not reach, or a proxy.",
    "scripts_disabled": "Allow scripts in the execution policy of the node.",
    "not_executable": "Make the file executable, or call it with its interpreter.",
    "not_found": "A command of the script does not exist on the node: install it, or correct its path.",
    "killed": "Something on the node killed the script, often because memory ran out.",
    "script_failed": "Its output tells why. To keep all of it, set output_s3_bucket_name or cloud_watch_output_config.",
}


def cause_of(ended: str, code: int | None, output: str) -> str:
    """The most likely cause, by how it ended, what was written, and the exit code."""
    if ended in BY_STATUS:
        return BY_STATUS[ended]
    text = output.lower()  # much faster than to ignore the case: a whole fleet may have failed
    told = next((cause for pattern, cause in BY_OUTPUT if re.search(pattern, text)), None)
    return told or BY_EXIT_CODE.get(code if code is not None else 0, "script_failed")
