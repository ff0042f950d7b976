# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every kind of module can do, in the words of ansible-doc. Private to this collection."""

from __future__ import annotations

ATTRIBUTES = r"""
options: {{}}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the resource.
    support: full
    details: {check}
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: {diff_support}
    details: {diff}
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second run changes nothing.
    support: full
    details: {again}
  action_group:
    description: Use C(group/slipway.aws.aws) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - slipway.aws.aws
"""


class ModuleDocFragment:
    # A noun: an AWS resource that is brought to the asked state.
    NOUN = ATTRIBUTES.format(
        check="Only reads, and returns the resource as it would become.",
        diff_support="full",
        diff="Shows what a task can set; what only AWS assigns (identifiers, ARNs, dates) is left out.",
        again="A second run makes no write call.",
    )

    # A module that only reads.
    INFO = ATTRIBUTES.format(
        check="This module only reads.",
        diff_support="N/A",
        diff="This module only reads.",
        again="This module only reads.",
    )

    # An act: something is done once.
    ACT = ATTRIBUTES.format(
        check="Only reads, and tells what a real run would do.",
        diff_support="full",
        diff="Shows what is there now and what the run leads to.",
        again="A second run joins what is in flight, or finds that nothing is left to do.",
    )
