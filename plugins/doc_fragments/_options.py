# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that several modules share, in pairs with the argument specs in module_utils. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    # _core.client.ROLE_OPTIONS
    ROLE = r"""
options:
  assume_role_arn:
    description:
      - ARN of an IAM role to assume with the given credentials. All other requests of the task are made with this role.
      - During a long wait the role is assumed again at intervals, so a wait may last longer than one session of the role.
    type: str
  assume_role_external_id:
    description:
      - The external ID that the trust policy of O(assume_role_arn) requires, if it requires one. The value is never shown.
    type: str
"""

    # _core.client.STATE_OPTION
    STATE = r"""
options:
  state:
    description:
      - Whether the resource exists.
    type: str
    choices: [present, absent]
    default: present
"""

    # _core.waiting.WAIT_OPTIONS
    WAIT = r"""
options:
  wait:
    description:
      - Whether to wait until the operation has finished. Progress is shown while waiting.
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum time to wait, in seconds. After that time the operation continues in AWS, and running the task again joins it.
      - If not set, the task waits as long as AWS itself lets the operation run. The documentation of each module says how long that
        is.
    type: int
  wait_delay:
    description:
      - Maximum time between two status checks, in seconds. The first intervals are shorter.
      - AWS throttles an account that polls every few seconds from several places.
    type: int
    default: 15
"""

    # _core.waiting.FOLLOW_OPTION
    FOLLOW = r"""
options:
  follow:
    description:
      - Set by the action plugin of this module to show progress while the task runs. Not intended for use in playbooks.
    type: dict
    suboptions:
      id:
        description: Identifier of the operation to follow.
        type: str
      seconds:
        description: Return after this number of seconds, or earlier when the state changes.
        type: int
        default: 15
      seen:
        description: The state that was shown last.
        type: str
        default: ""
      quiet:
        description: Number of seconds without progress. Negative when this has been reported already.
        type: int
        default: 0
      spent:
        description: Number of seconds of the time limit that have passed.
        type: int
        default: 0
"""
