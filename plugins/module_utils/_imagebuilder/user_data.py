# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User data of build instances: text, or the Base64 of it, which is what the API takes. Pure. Private to this collection.

Base64 is what holds nothing but Base64, in whole groups of four. User data begins with `#!`, `#cloud-config`, `<` or
`Content-Type:`, none of which can stand in Base64, so no user data that does anything is taken for it.
"""

from __future__ import annotations

import base64
import re

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused

LONGEST = 21_847  # characters of Base64, AWS's limit: just below 16 KB of user data
WRAPPED = 60  # tools break Base64 into lines of 64 or 76 characters; shorter lines are text
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def encoded(text: str) -> str:
    """The Base64 of user data; what is Base64 already stays, in one line. Raises Refused for more than AWS takes."""
    joined = _joined(text.strip())
    wanted = joined if BASE64.fullmatch(joined) else base64.b64encode(text.encode()).decode()
    if len(wanted) > LONGEST:
        size = len(base64.b64decode(wanted))
        raise Refused(
            f"user_data_override has {size} bytes, but AWS accepts at most 16 KB. Download the rest in a script, for example from S3"
        )
    return wanted


def _joined(text: str) -> str:
    """Lines of Base64 as a tool wrapped them, as one."""
    *lines, _last = text.split("\n")
    wrapped = lines and len(lines[0]) >= WRAPPED and {len(line) for line in lines} == {len(lines[0])}
    return text.replace("\n", "") if wrapped else text
