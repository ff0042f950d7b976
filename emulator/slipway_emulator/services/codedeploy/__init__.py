# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

from .models import codedeploy_backends

__all__ = ["codedeploy_backends"]
