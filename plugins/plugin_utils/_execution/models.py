# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service models of botocore, read once for all forks of a process: half of what a client costs."""

from __future__ import annotations

import typing as t

try:
    import botocore.session
    from botocore.loaders import Loader, create_loader
except ImportError:
    pass  # the module says so

COMMON = ("endpoints", "partitions", "sdk-default-configuration")
KINDS = ("service-2", "endpoint-rule-set-1")
FOR_ALL = "sts"  # assumed roles, and the account in an ARN

_loaders: t.List[t.Any] = []  # one, as soon as there is something to share


def read(module: str) -> None:
    """Read the models that a module needs; it is named after its service."""
    if not _loaders:
        _loaders.append(Loader())
        for name in COMMON:
            _loaders[0].load_data_with_path(name)
    for kind in KINDS:
        known = _loaders[0].list_available_services(kind)
        for service in {FOR_ALL, module.partition("_")[0]}.intersection(known):
            _loaders[0].load_service_model(service, kind, api_version=None)


def share() -> None:
    """Let the sessions of this process have what was read, unless models of the user's own come before them."""
    if _loaders:
        botocore.session.create_loader = lambda path=None: create_loader(path) if path else _loaders[0]
