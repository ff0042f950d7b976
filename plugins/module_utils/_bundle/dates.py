# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modification date a member gets.

It must not be the one on the pusher's disk, or two checkouts of one commit would make two archives. It must not be one
constant either: the host agent keeps dates when it installs, and Python's bytecode cache and web servers take an equal
date and size for an equal file, so a release that changes a byte would be served from the cache. So the date is
derived from the content: even seconds (a zip holds no odd ones) from 1980 on, some 17 years wide.
"""

from __future__ import annotations

import datetime

from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import Entry

_FIRST = datetime.datetime(1980, 1, 1, tzinfo=datetime.timezone.utc)
_RANGE = 2**28


def content_date(entry: Entry) -> datetime.datetime:
    """The date of a member; directories and symlinks get the first one."""
    return _FIRST + datetime.timedelta(seconds=2 * (int.from_bytes(entry.digest[:4], "big") % _RANGE))
