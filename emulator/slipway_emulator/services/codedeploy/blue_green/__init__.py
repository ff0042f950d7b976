# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployments to a second fleet of servers, which takes over the traffic of the first."""
