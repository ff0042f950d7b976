# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What botocore makes anew for every session and client, made once for all tests: it was most of a test's time."""

from __future__ import annotations

import copy
import functools
import typing as t

import boto3
import pytest
from botocore import hooks, useragent
from botocore.loaders import JSONFileLoader, Loader
from botocore.retries import standard


def make_once(patch: pytest.MonkeyPatch) -> None:
    """Share service models, names of events and clients. None of them holds anything of a test."""
    patch.setattr(boto3, "client", functools.cache(boto3.client))
    read = functools.cache(JSONFileLoader().load_file)
    patch.setattr(JSONFileLoader, "load_file", staticmethod(lambda path: _with_own_addresses(read(path))))
    services = functools.cache(Loader().list_available_services)
    patch.setattr(Loader, "list_available_services", lambda _loader, type_name: services(type_name))
    names = functools.cache(hooks.EventAliaser(None)._alias_event_name)
    patch.setattr(hooks.EventAliaser, "_alias_event_name", staticmethod(names))
    patch.setattr(hooks, "accepts_kwargs", functools.lru_cache(10_000)(hooks.accepts_kwargs))
    cleaned = functools.lru_cache(10_000)(useragent.sanitize_user_agent_string_component)
    patch.setattr(useragent, "sanitize_user_agent_string_component", cleaned)
    patch.setattr(hooks, "_PrefixTrie", _Handlers)
    patch.setattr(boto3.session, "Session", _sessions(boto3.session.Session))


def _with_own_addresses(model: t.Any) -> t.Any:
    """botocore cuts the bucket out of an S3 operation's address in the model itself, so no two sessions may share it."""
    if not isinstance(model, dict) or "operations" not in model:
        return model
    own = {name: {**operation, "http": dict(operation["http"])} for name, operation in model["operations"].items()}
    return {**model, "operations": own}


def _sessions(make: t.Any) -> t.Callable[..., t.Any]:
    """Sessions by their keys. One without keys reads the environment, which a test may have set."""

    @functools.lru_cache(100)
    def shared(**options: t.Any) -> t.Any:
        session = make(**options)
        session.client = _clients(session.client)
        return session

    return lambda **options: (shared if options.get("aws_access_key_id") else make)(**options)


def _clients(make: t.Any) -> t.Callable[..., t.Any]:
    made: dict[str, t.Any] = {}

    def client(service: str, **options: t.Any) -> t.Any:
        config = getattr(options.get("config"), "_user_provided_options", None)
        key = repr((service, sorted({**options, "config": config}.items())))
        if key not in made:
            made[key] = make(service, **options)
        return _own(made[key])

    return client


class _Handlers(hooks._PrefixTrie):  # type: ignore[misc,name-defined]  # botocore offers no other place
    """Handlers by events, of which a copy shares all that neither changes: a client has hundreds and gets five of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._shared: set[str] = set()

    def append_item(self, key: str, *details: t.Any, **more: t.Any) -> None:
        self._part(key)
        super().append_item(key, *details, **more)

    def remove_item(self, key: str, value: t.Any) -> None:
        self._part(key)
        super().remove_item(key, value)

    def __copy__(self) -> _Handlers:
        copied = _Handlers()
        copied._root["children"].update(self._root["children"])
        self._shared |= self._root["children"].keys()
        copied._shared |= self._shared
        return copied

    def _part(self, key: str) -> None:
        first, children = key.partition(".")[0], self._root["children"]
        if first in self._shared and first in children:
            children[first] = self._recursive_copy(children[first])
        self._shared.discard(first)


def _own(client: t.Any) -> t.Any:
    """A copy with handlers of events and a quota of retries of its own."""
    own, events = object.__new__(type(client)), copy.copy(client.meta.events)
    own.__dict__.update(client.__dict__)  # a client asks its unfinished copy for its service, and would never end
    own.meta, own._endpoint = copy.copy(client.meta), copy.copy(client._endpoint)
    own.meta.events = own._endpoint._event_emitter = events
    retries = own.meta.config.retries or {}
    if retries.get("mode") == "standard":
        service = own.meta.service_model.service_id.hyphenize()
        for event, name in (("request-created", "seed-max-attempts"), ("needs-retry", "retry-config")):
            events.unregister(f"{event}.{service}", unique_id=f"{name}-{service}")
        standard.register_retry_handler(own, retries["total_max_attempts"])
    return own
