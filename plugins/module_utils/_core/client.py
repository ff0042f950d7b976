# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections to AWS: one session a process, retries, assumed roles. Private to this collection."""

from __future__ import annotations

import datetime
import os
import random
import typing as t
from email.utils import parsedate_to_datetime

try:
    import boto3
    from botocore.config import Config
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import INPUT_MEMBERS, THROTTLED, Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import deadline

VERSION = "1.0.0-dev.0"  # a test holds it against galaxy.yml
ATTEMPTS = 8
LONGEST_PAUSE = 20.0  # seconds between two attempts

# What every module of this collection takes beside the options of amazon.aws; the fragment `_options.role` documents it.
ROLE_OPTIONS: dict[str, t.Any] = {
    "assume_role_arn": {"type": "str"},
    "assume_role_external_id": {"type": "str", "no_log": True},
}
TAG_OPTIONS: dict[str, t.Any] = {
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}
STATE_OPTION: dict[str, t.Any] = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}


class Connection:
    """One identity in one region; clients are made once each."""

    def __init__(
        self,
        session: t.Any,
        region: str,
        account_id: str | None = None,
        deadline: float | None = None,
        **client_options: t.Any,
    ) -> None:
        self.session, self.region = session, region
        self.deadline = deadline  # when to read no further page, by time.monotonic()
        self.noted: dict[str, t.Any] = {}  # what a noun has to know in a later call of the same task
        self._account_id, self._client_options = account_id, client_options
        self._clients: dict[t.Any, t.Any] = {}
        self._answered: datetime.datetime | None = None

    def client(self, service: str, once: bool = False) -> t.Any:
        """A client that retries throttling and outages; with `once`, only refusals that certainly did nothing.

        `once` is for writes without an idempotency token: after a lost answer they may have happened.
        """
        if (service, once) not in self._clients:
            options = dict(self._client_options)
            retries: t.Any = {"mode": "standard", "total_max_attempts": 1 if once else ATTEMPTS}
            ours = Config(retries=retries, user_agent_extra=f"APN/1.0 Ansible/{ansible_version} slipway.aws/{VERSION}")
            theirs = options.pop("aws_config", None)
            config = ours.merge(theirs) if theirs else ours
            made = self.session.client(service, region_name=self.region, config=config, **options)
            made.meta.events.register("needs-retry", _retry_throttled)
            made.meta.events.register("after-call", _note_members)
            made.meta.events.register("after-call", self._note_time)
            self._clients[service, once] = made
        return self._clients[service, once]

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov`, ..."""
        return str(self.session.get_partition_for_region(self.region))

    @property
    def account_id(self) -> str:
        """The account acted in: from the credentials where they know it, else by one STS call."""
        if not self._account_id:
            credentials = self.session.get_credentials()
            self._account_id = getattr(credentials, "account_id", None) or self._ask_account()
        return self._account_id

    def now(self) -> datetime.datetime:
        """The time by the clock of AWS, as of its last answer; this machine's clock may be wrong."""
        return self._answered or datetime.datetime.now(datetime.timezone.utc)

    def _note_time(self, parsed: t.Any, **_event: t.Any) -> None:
        date = (parsed or {}).get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        self._answered = parsedate_to_datetime(date) if date else self._answered

    def in_region(self, region: str) -> Connection:
        """The same identity in another Region."""
        return Connection(self.session, region, self._account_id, self.deadline, **self._client_options)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def _ask_account(self) -> str:
        return str(self.client("sts").get_caller_identity()["Account"])


def connect(module: t.Any) -> Connection:
    """A connection by the module's options and environment, in the assumed role when one is given."""
    return connected(get_aws_connection_info(module), module.params)


def connected(info: tuple[t.Any, t.Any, dict[str, t.Any]], params: t.Mapping[str, t.Any]) -> Connection:
    """A connection by what amazon.aws makes of the options of a module, or of a plugin of another kind."""
    region, endpoint, options = info
    if not region:
        raise Refused("no region was given. Set region, AWS_REGION, or a region in the profile")
    profile = options.pop("profile_name", None)
    keys = {
        name: options.pop(name, None) for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    }
    if keys["aws_access_key_id"] and not keys["aws_session_token"]:
        keys["aws_session_token"] = _old_token(keys["aws_access_key_id"])
    session = boto3.session.Session(profile_name=profile, region_name=region, **keys)
    until = deadline(params)
    own = Connection(session, region, _own_account(keys), until, endpoint_url=endpoint, **options)
    arn = params.get("assume_role_arn")
    return _assume(own, arn, params.get("assume_role_external_id")) if arn else own


def elsewhere(own: Connection, region: str | None, role: str | None, external_id: str | None) -> Connection:
    """A connection of the same identity, or of a role that it may assume, in the same Region or another."""
    there = own.in_region(region) if region else own
    return _assume(there, role, external_id) if role else there


def _old_token(access_key: str) -> str | None:
    """AWX and older tools name the session token AWS_SECURITY_TOKEN, which amazon.aws does not read."""
    named = (os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_ACCESS_KEY"))
    return os.environ.get("AWS_SECURITY_TOKEN") if access_key in named else None


def _own_account(keys: dict[str, t.Any]) -> str | None:
    """Keys handed on as options have lost the account id that the environment gives beside them."""
    same = keys["aws_access_key_id"] in (None, os.environ.get("AWS_ACCESS_KEY_ID"))
    return os.environ.get("AWS_ACCOUNT_ID") if same else None


def _assume(own: Connection, arn: str, external_id: str | None) -> Connection:
    asked = {"RoleArn": arn, "RoleSessionName": "slipway.aws", **({"ExternalId": external_id} if external_id else {})}
    given = own.client("sts").assume_role(**asked)["Credentials"]
    session = boto3.session.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=own.region,
    )
    return Connection(session, own.region, arn.split(":")[4] or None, own.deadline, **own._client_options)


def _retry_throttled(response: t.Any, attempts: int, **_event: t.Any) -> float | None:
    """Seconds to wait before the next attempt, or None.

    botocore's standard mode does not know CallRateLimitExceededException (Image Builder) and TooManyUpdates (SSM), and
    a client that must not repeat writes may still repeat a call that was refused for its rate: it did nothing.
    """
    answer = response[1] if response else {}
    if attempts >= ATTEMPTS or answer.get("Error", {}).get("Code") not in THROTTLED:
        return None
    return random.uniform(0.5, 1.0) * min(LONGEST_PAUSE, 2.0 ** (attempts - 1))


def _note_members(parsed: t.Any, model: t.Any, **_event: t.Any) -> None:
    """Beside an error, what the request can have in it: an exception does not tell its operation's shape."""
    if parsed.get("Error"):
        parsed["ResponseMetadata"][INPUT_MEMBERS] = sorted(_members(model.input_shape, set()))


def _members(shape: t.Any, seen: set[str]) -> set[str]:
    """Names of the members of a shape, at any depth."""
    kind = getattr(shape, "type_name", None)
    if kind == "list":
        return _members(shape.member, seen)
    if kind == "map":
        return _members(shape.value, seen)
    if kind != "structure" or shape.name in seen:
        return set()
    seen.add(shape.name)
    return set(shape.members).union(*(_members(member, seen) for member in shape.members.values()))
