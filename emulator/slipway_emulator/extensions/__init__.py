# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""moto's own services, corrected and widened: methods put on moto's backend and response classes."""
