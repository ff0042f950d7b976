# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every kind of module can do, in the words of ansible-doc. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    # A noun: an AWS resource that is brought to the asked state.
    NOUN = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the resource.
    support: full
    details: Only reads, and returns the expected state of the resource.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
    details: Shows the values that a task can set. Values that only AWS assigns (identifiers, ARNs, dates) are left out.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second run changes nothing.
    support: full
    details: A second run makes no write call.
  action_group:
    description: Use C(group/slipway.aws.aws) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - slipway.aws.aws
"""

    # A module that only reads.
    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the resource.
    support: full
    details: This module only reads.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details: This module only reads.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second run changes nothing.
    support: full
    details: This module only reads.
  action_group:
    description: Use C(group/slipway.aws.aws) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - slipway.aws.aws
"""

    # An act: something is done once.
    ACT = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the resource.
    support: full
    details: Only reads, and returns what a real run would do.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
    details: Shows the current state and the state after the run.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second run changes nothing.
    support: full
    details: A second run joins the operation in progress, or finds that there is nothing left to do.
  action_group:
    description: Use C(group/slipway.aws.aws) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - slipway.aws.aws
"""
