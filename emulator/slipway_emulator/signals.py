# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What one emulated service tells another."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

# An instance of an Auto Scaling group entered Pending:Wait for a launch lifecycle hook.
# Sent with account_id, region, group_name, hook_name, token, instance_id.
launch_hook = _signals.signal("launch-hook")

# The same for an instance that entered Terminating:Wait.
termination_hook = _signals.signal("termination-hook")

# The agents of a host answer: it was launched, started or rebooted. Sent with host.
booted = _signals.signal("booted")
