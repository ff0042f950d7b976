# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The load balancers of servers, and what a deployment does with them."""
