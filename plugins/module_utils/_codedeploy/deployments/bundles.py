# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the bundle of a revision is there and can be installed by the hosts. Only reads. Private to this collection.

A caller who may not read the bundle gets no verdict on it: hosts read it by rights of their own.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle import remote
from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._bundle.store import guard_region
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.agent import NOT_READY, Verdict
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import problem
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import revisions
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.host_access import Denial, denials
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import AWS_FAILURES, code
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.hooks import scripts
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.problems import appspec_problems, examine
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors, sentence

MOST_FILE = 1024 * 1024  # bytes of an AppSpec that is a file of its own
MOST_NAMED = 5  # hosts, and faults of an AppSpec, in a message
# What S3 answers about the object itself -> cause, and what it means. Any other answer leaves it unknown.
ANSWERS = {
    "NoSuchKey": ("bundle_missing", "there is no object"),
    "404": ("bundle_missing", "there is no object"),
    "NoSuchVersion": ("bundle_missing", "there is no such version"),
    "MethodNotAllowed": ("bundle_missing", "the version is a delete marker"),
    "NoSuchBucket": ("bundle_missing", "there is no such bucket"),
    "PreconditionFailed": ("bundle_changed", "the object has another ETag than the revision"),
    "412": ("bundle_changed", "the object has another ETag than the revision"),
    "KMS.DisabledException": ("bundle_unreadable", "the KMS key that encrypts the object is disabled"),
    "KMS.KMSInvalidStateException": ("bundle_unreadable", "the KMS key that encrypts the object is pending deletion"),
    "InvalidObjectState": ("bundle_unreadable", "the object is archived, so it cannot be read"),
    "InvalidRange": ("bundle_unreadable", "the object is empty"),
}


class Bundle(t.NamedTuple):
    """What is known of the bundle of a revision."""

    kind: str | None = None  # zip, tar, tgz
    os: str | None = None  # the system its AppSpec is for
    key_id: str | None = None  # the KMS key that encrypts it
    hooks: t.Mapping[str, t.Sequence[str]] | None = None  # scripts by event; None when the AppSpec was not read
    problems: tuple[Shape, ...] = ()
    denials: t.Mapping[str, Denial] = {}  # by the ARN of an instance profile
    stored_at: datetime.datetime | None = None


UNKNOWN = Bundle()


class File(t.NamedTuple):
    """An object that is an AppSpec, or what keeps it from being read."""

    content: bytes = b""
    etag: str = ""
    problems: tuple[Shape, ...] = ()


def read_file(aws: Connection, revision: Shape) -> File:
    """The object of a revision that is one AppSpec file."""
    location, words = revision["s3Location"], revisions.in_words(revision)
    try:
        answer = _Object(aws, location).whole()
    except BundleError:
        return File(problems=(_elsewhere(aws, location, words),))
    except AWS_FAILURES as failed:
        refused = _refused(code(failed), words)
        if not refused:
            raise
        return File(problems=refused)
    content = answer["Body"].read(MOST_FILE + 1)
    if len(content) > MOST_FILE:
        return File(problems=(problem("bundle_unreadable", f"{words} is larger than an AppSpec can be", True),))
    return File(content, answer["ETag"].strip('"'))


def look(aws: Connection, revision: Shape | None, foretold: bool = False, before: Shape | None = None) -> Bundle:
    """The bundle of a revision in S3; nothing is known of one on GitHub.

    In check mode one that is not pinned may be `foretold`: then an earlier task would push it, and that it is missing says
    nothing. `before` is a deployment that brought the revision: then the bundle has to be the one that it found.
    """
    location = (revision or {}).get("s3Location")
    if not location:
        return UNKNOWN
    words = revisions.in_words(revision)
    known = Bundle(location["bundleType"])
    try:
        held = _Object(aws, location)
        content = held.content(location["bundleType"])
    except BundleError:
        return known._replace(problems=(_elsewhere(aws, location, words),))
    except AWS_FAILURES as failed:
        refused = _refused(code(failed), words)
        to_come = foretold and not revisions.is_pinned(revision or {})
        return known._replace(problems=tuple(one for one in refused if one["cause"] != "bundle_missing" or not to_come))
    except remote.TooMuch:
        return known
    except remote.BROKEN as broken:
        text = f"{words} cannot be unpacked as {location['bundleType']}: {broken or type(broken).__name__}"
        return known._replace(problems=(problem("bundle_unreadable", text, True),))
    known = known._replace(key_id=held.key_id, stored_at=held.stored_at)
    if before and not revisions.is_pinned(revision or {}) and held.stored_at > before["createTime"]:
        text = f"{words}: the object was replaced after {before['deploymentId']} had deployed it"
        return known._replace(problems=(problem("bundle_changed", text, True),))
    return _judged(known, content, words)


def stored_at(aws: Connection, revision: Shape | None) -> datetime.datetime | None:
    """When the object of a revision was stored; None where it is not in S3, or may not be read. One call."""
    location = (revision or {}).get("s3Location")
    if not location:
        return None
    try:
        return _Object(aws, location).head()
    except BundleError:
        return None
    except AWS_FAILURES:
        return None


def with_access(aws: Connection, bundle: Bundle, revision: Shape | None, hosts: list[Shape]) -> Bundle:
    """The bundle with what keeps these hosts from reading it."""
    location = (revision or {}).get("s3Location")
    if not location or bundle.problems:
        return bundle
    profiles = {host["instanceProfile"] for host in hosts if host["instanceProfile"]}
    found = denials(aws, location, bundle.key_id, profiles)
    doubts = [problem(one.cause, _doubt(arn, one)) for arn, one in found.items() if not one.certain]
    certain = {arn: one for arn, one in found.items() if one.certain}
    return bundle._replace(denials=certain, problems=(*bundle.problems, *doubts))


def _doubt(profile: str, denial: Denial) -> str:
    name = profile.rpartition("/")[2]
    own = " by a policy of its own" if denial.cause == "bundle_denied" else ""
    return f"hosts with the instance profile {name} may not be able to read the bundle: {denial.text}{own}"


def _elsewhere(aws: Connection, location: Shape, words: str) -> Shape:
    text = f"the bucket {location['bucket']} of {words} is in another Region than {aws.region}"
    return problem("bucket_region", text, True)


def _refused(said: str, words: str) -> tuple[Shape, ...]:
    if said not in ANSWERS:
        return ()
    cause, text = ANSWERS[said]
    return (problem(cause, f"{words}: {text}", True),)


def _judged(known: Bundle, content: remote.Content, words: str) -> Bundle:
    if content.appspec is None:
        text = f"{words} has no {remote.APPSPEC} in its root"
        return known._replace(problems=(problem("appspec_missing", text, True),))
    wrong = errors(appspec_problems(content.appspec, files=content.files))
    if wrong:
        told = " ".join(sentence(one, remote.APPSPEC) for one in wrong[:MOST_NAMED])
        return known._replace(
            problems=(problem("appspec_invalid", f"the AppSpec of {words} is refused: {told}", True),)
        )
    spec = examine(content.appspec)[1]
    return known._replace(os=str(spec.value.item("os").value) if spec else None, hooks=scripts(content.appspec))


class _Object:
    """The object a revision names, pinned as the revision pins it."""

    def __init__(self, aws: Connection, location: Shape) -> None:
        self.client, self.key_id = aws.client("s3"), None
        self.stored_at = aws.now()
        guard_region(self.client, location["bucket"])
        self.asked = {"Bucket": location["bucket"], "Key": location["key"]}
        if location.get("version"):
            self.asked["VersionId"] = location["version"]
        if location.get("eTag"):
            self.asked["IfMatch"] = f'"{location["eTag"]}"' if '"' not in location["eTag"] else location["eTag"]

    def content(self, kind: str) -> remote.Content:
        if kind == "zip":
            answer = self._get(Range=f"bytes=-{remote.BLOCK}")
            size = int(str(answer.get("ContentRange") or "/0").rpartition("/")[2] or 0) or answer["ContentLength"]
            return remote.read_zip(size, self._range, answer["Body"].read())
        answer = self.whole()
        if answer["ContentLength"] > remote.MOST_TAR:
            answer["Body"].close()
            raise remote.TooMuch
        return remote.read_tar(kind, answer["Body"])

    def whole(self) -> Shape:
        return self._get()

    def head(self) -> datetime.datetime:
        """When it was stored."""
        found: datetime.datetime = self.client.head_object(**self.asked)["LastModified"]
        return found

    def _range(self, first: int, last: int) -> bytes:
        return bytes(self._get(Range=f"bytes={first}-{last}")["Body"].read())

    def _get(self, **more: str) -> Shape:
        answer: Shape = self.client.get_object(**self.asked, **more)
        self.asked.setdefault("IfMatch", answer["ETag"])  # all parts of one object, also when somebody writes meanwhile
        self.key_id, self.stored_at = answer.get("SSEKMSKeyId"), answer["LastModified"]
        return answer


def problems(bundle: Bundle, hosts: list[Shape] | None) -> list[Shape]:
    """What stands against the bundle on these hosts as a whole."""
    return [*bundle.problems, *_of_hosts(bundle, hosts or [])]


def _of_hosts(bundle: Bundle, hosts: list[Shape]) -> list[Shape]:
    found: dict[str, list[str]] = {}
    for host in hosts:
        verdict = unfit(bundle, host)
        if verdict:
            found.setdefault(str(verdict.cause), []).append(host["instanceId"])
    return [problem(cause, _unfit_in_words(bundle, cause, ids, len(hosts)), True) for cause, ids in found.items()]


def _unfit_in_words(bundle: Bundle, cause: str, ids: list[str], total: int) -> str:
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    told = f"{', '.join(ids[:MOST_NAMED])}{more}"
    if cause == "bundle_type_unsupported":
        return f"the bundle is a {bundle.kind}, which {len(ids)} of {total} hosts cannot unpack, as they run Windows: {told}"
    if cause != "platform_mismatch":
        reasons = dict.fromkeys(one.text for one in bundle.denials.values() if one.cause == cause)
        return f"{len(ids)} of {total} hosts cannot read the bundle ({'; '.join(reasons)}): {told}"
    return f"the AppSpec of the revision is for {bundle.os}, and {len(ids)} of {total} hosts run another operating system: {told}"


def unfit(bundle: Bundle, host: Shape) -> Verdict | None:
    """Why the bundle cannot be installed on the host, whatever state it is in; None when nothing is known of that."""
    system, denial = host["platform"], bundle.denials.get(host["instanceProfile"])
    if bundle.os and system and bundle.os != system:
        text = f"the host runs {system}, and the AppSpec of the revision is for {bundle.os}"
        return Verdict(NOT_READY, text, "platform_mismatch")
    if system == "windows" and bundle.kind in ("tar", "tgz"):
        return Verdict(
            NOT_READY, f"the host runs windows, which does not support {bundle.kind} bundles", "bundle_type_unsupported"
        )
    return Verdict(NOT_READY, f"the host cannot read the bundle: {denial.text}", denial.cause) if denial else None
