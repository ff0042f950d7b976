# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployments that shift traffic: to versions of a Lambda function, to task sets of an ECS service."""
