# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

from .models import imagebuilder_backends

__all__ = ["imagebuilder_backends"]
