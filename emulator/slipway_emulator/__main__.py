# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import sys

from .server import main

sys.exit(main())
