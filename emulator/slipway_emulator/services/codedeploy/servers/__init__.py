# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployments to servers behind load balancers, to a second fleet, and zone by zone."""
