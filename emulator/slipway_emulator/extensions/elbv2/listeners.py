# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Listeners and rules: one listener a port, actions that are checked on every change, what a Network Load Balancer lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from moto.elbv2.exceptions import DuplicateListenerError, ELBClientError, InvalidConfigurationRequest
from moto.elbv2.models import ELBv2Backend, FakeAction

from .._patching import wrap
from . import targets
from .actions import groups_of
from .balancers import using

NETWORK_ONLY = ("TCP", "UDP", "TCP_UDP", "TLS")  # moto's ModifyListener knows no protocol but HTTP, HTTPS and TCP


def extend() -> None:
    wrap(ELBv2Backend, "create_listener", _create_listener)
    wrap(ELBv2Backend, "modify_listener", _modify_listener)
    wrap(ELBv2Backend, "create_rule", _create_rule)
    wrap(ELBv2Backend, "modify_rule", _modify_rule)
    for name in ("delete_listener", "delete_rule", "delete_load_balancer"):
        wrap(ELBv2Backend, name, _deleted)


def _create_listener(original: Callable[..., Any], self: Any, load_balancer_arn: str, *args: Any, **kwargs: Any) -> Any:
    balancer = self.load_balancers.get(load_balancer_arn)
    if balancer is not None:
        _check_port(balancer, kwargs["port"])
        _check_owner(self, load_balancer_arn, kwargs["actions"])
    return _noted(self, original(self, load_balancer_arn, *args, **kwargs))


def _modify_listener(
    original: Callable[..., Any],
    self: Any,
    arn: str,
    port: Any = None,
    protocol: str | None = None,
    ssl_policy: str | None = None,
    certificates: list[dict[str, Any]] | None = None,
    actions: list[dict[str, Any]] | None = None,
) -> Any:
    listener = self.describe_listeners(None, [arn])[0]
    balancer = self.load_balancers[listener.load_balancer_arn]
    if port is not None and port != listener.port:
        _check_port(balancer, port)
    if port is not None or protocol is not None:
        self._validate_port_and_protocol(balancer.type, port or listener.port, protocol or listener.protocol)
    self._validate_actions([FakeAction(action) for action in actions or []])
    _check_owner(self, balancer.arn, actions or [])
    for_moto = None if protocol in NETWORK_ONLY else protocol
    original(self, arn, port, for_moto, ssl_policy, certificates, actions or [])
    listener.protocol = protocol or listener.protocol
    return _noted(self, listener)


def _create_rule(original: Callable[..., Any], self: Any, listener_arn: str, *args: Any, **kwargs: Any) -> Any:
    _refuse_rules(self, listener_arn, kwargs["actions"])
    return _noted(self, original(self, listener_arn, *args, **kwargs))


def _modify_rule(
    original: Callable[..., Any], self: Any, rule_arn: str, conditions: Any = (), actions: Any = ()
) -> Any:
    rule = next(iter(self.describe_rules(None, [rule_arn])))
    _refuse_rules(self, rule.listener_arn, actions)
    return _noted(self, original(self, rule_arn, conditions, actions))


def _deleted(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    return _noted(self, original(self, *args, **kwargs))


def _noted(backend: Any, answer: Any) -> Any:
    """Health checks of a group begin when a listener or rule first forwards to it."""
    targets.note_use(backend)
    return answer


def _check_port(balancer: Any, port: Any) -> None:
    if any(str(listener.port) == str(port) for listener in balancer.listeners.values()):
        raise DuplicateListenerError


def _refuse_rules(backend: Any, listener_arn: str, actions: Sequence[dict[str, Any]]) -> None:
    listener = backend.describe_listeners(None, [listener_arn])[0]
    balancer = backend.load_balancers[listener.load_balancer_arn]
    if balancer.type != "application":
        raise InvalidConfigurationRequest("Rules are supported only for listeners of Application Load Balancers")
    _check_owner(backend, balancer.arn, actions)


def _check_owner(backend: Any, balancer_arn: str, actions: Sequence[dict[str, Any]]) -> None:
    """A target group belongs to one load balancer at a time."""
    for arn in (arn for action in actions for arn in groups_of(FakeAction(action))):
        if any(balancer.arn != balancer_arn for balancer in using(backend, arn)):
            raise ELBClientError(
                "TargetGroupAssociationLimit",
                f"The following target groups cannot be associated with more than one load balancer: {arn}",
            )
