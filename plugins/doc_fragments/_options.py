# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that several modules share, in pairs with the argument specs in module_utils. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    # _client.ROLE_OPTIONS
    ROLE = r"""
options:
  assume_role_arn:
    description:
      - ARN of an IAM role to assume with the given credentials; everything else is then done in this role.
      - A long wait assumes the role anew in every slice, so it may last longer than one session of the role.
    type: str
  assume_role_external_id:
    description:
      - The external id that the trust policy of O(assume_role_arn) asks for, if it does. It is never shown.
    type: str
"""

    # _client.STATE_OPTION
    STATE = r"""
options:
  state:
    description:
      - Whether the resource exists.
    type: str
    choices: [present, absent]
    default: present
"""

    # _waiting.WAIT_OPTIONS
    WAIT = r"""
options:
  wait:
    description:
      - Whether to wait until it is over. Progress is shown while waiting.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most. What was waited for goes on in AWS; running the task again joins it.
      - When not given, as long as AWS itself lets it run; each module says how long that is.
    type: int
  wait_delay:
    description:
      - The longest pause between two looks, in seconds. The first pauses are shorter.
      - AWS throttles an account that looks every few seconds from several places.
    type: int
    default: 15
"""

    # _waiting.FOLLOW_OPTION
    FOLLOW = r"""
options:
  follow:
    description:
      - Set by the action plugin of this module to show progress while the task runs. Not meant for playbooks.
    type: dict
    suboptions:
      id:
        description: What to follow.
        type: str
      seconds:
        description: Come back after so many seconds, or as soon as there is news.
        type: int
        default: 15
      seen:
        description: What was shown last.
        type: str
        default: ""
      quiet:
        description: For how many seconds nothing has moved; negative when that was told already.
        type: int
        default: 0
      spent:
        description: How many seconds of O(wait_timeout) are over.
        type: int
        default: 0
"""
