# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Revisions of CodeDeploy: push a directory or an archive, take an object of S3 or a commit. Private to this collection.

What is under the key of a bundle counts as that bundle when CodeDeploy has it registered so: by this ETag and version, and
with our fingerprint at the end of the description. Where it is not registered (a first push into a bucket of somebody
else's, a registration that failed), the bundle is built and compared with the object; what differs is never deployed.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
import urllib.parse

try:
    from botocore.exceptions import ClientError
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.slipway.aws.plugins.module_utils._bundle.store import (
    Denied,
    NoBucket,
    Place,
    Stored,
    Taken,
    check_bucket,
    find_object,
    holds,
    upload,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import pruning
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.applications import find_application
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.push_sources import Source, read_source
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.registering import (
    NoApplication,
    find_revision,
    register_revision,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.revision_content import (
    DESCRIPTION,
    ROOM,
    fingerprint_in,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given, to_result

COMMIT = re.compile(r"[0-9a-f]{40}")
OWN_ACCOUNT = "self"  # of `expected_bucket_owner`


@dataclasses.dataclass(frozen=True)
class Revision:
    """What a run found and leads to.

    `stored` is the object of this content, None when it is to be uploaded; `replaced` an object of other content that
    the upload takes the place of, which happens only under a key that the user chose. `known` is the fingerprint of what
    is there now, where that is known.
    """

    place: Place
    bundle_type: str
    stored: Stored | None = None
    replaced: Stored | None = None
    source: Source | None = None
    fingerprint: str = ""
    known: str = ""
    upload: bool = False
    register: bool = False
    warnings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # what must be there before a real run
    github: Shape | None = None  # a commit, which nothing is read of
    old: tuple[Shape, ...] | None = None  # bundles that nobody can still need; None when nobody asked
    prune: bool = False

    @property
    def location(self) -> Shape:
        """The RevisionLocation; pinned by version and ETag as far as S3 told them."""
        if self.github:
            return {"revisionType": "GitHub", "gitHubLocation": self.github}
        stored = self.stored or Stored()
        pins = {"version": stored.version, "eTag": stored.etag}
        s3 = {"bucket": self.place.bucket, "key": self.place.key, "bundleType": self.bundle_type}
        return {"revisionType": "S3", "s3Location": {**s3, **{name: value for name, value in pins.items() if value}}}


def plan_revision(aws: Connection, params: Shape, forecast: bool = False) -> Revision:
    """Find out, by reading only, what a run has to do. Raises Refused when it would fail.

    A `forecast` only warns of a missing bucket, application or object: in check mode a task before may be going to make it.
    """
    room = DESCRIPTION if params["src"] is None else ROOM
    if len(params["description"] or "") > room:
        why = "" if params["src"] is None else ", because the fingerprint of the content is appended to it"
        raise Refused(f"description has {len(params['description'])} characters; at most {room} are allowed{why}")
    if params["retain"] is not None and params["retain"] < 1:
        raise Refused("retain must be at least 1, since the bundle that is pushed is kept")
    kinds = {"src": _plan_push, "s3": _plan_object, "github": _plan_commit}
    found = next(plan for option, plan in kinds.items() if params[option] is not None)(aws, params)
    if found.missing and not forecast:
        raise Refused(" ".join(found.missing))
    if params["retain"] is None or found.missing:
        return found
    old = tuple(pruning.prunable(aws, found.place, prefix_of(params), params["retain"]))
    return dataclasses.replace(found, old=old, prune=bool(params["prune"] and old))


def apply_revision(aws: Connection, params: Shape, todo: Revision) -> Revision:
    """Upload and register as planned, and tell what is there then and what was really done."""
    done = _upload(aws, params, todo) if todo.upload else todo
    if (
        todo.upload and not done.upload
    ):  # another push of the same content was quicker; it may be cut off before it registers
        done = _with_registration(aws, params, done)
    if done.register:
        _register(aws, params, done)
    return _prune(aws, params, done) if done.prune else done


def _prune(aws: Connection, params: Shape, done: Revision) -> Revision:
    """Delete what nobody needs now: somebody may have begun to deploy an old bundle while this one was uploaded."""
    old = pruning.prunable(aws, done.place, prefix_of(params), params["retain"])
    pruning.delete(aws, done.place, old)
    return dataclasses.replace(done, old=tuple(old), prune=bool(old))


def describe_revision(told: Revision) -> Shape:
    """The result members: the revision as `codedeploy_deployment` takes it, and what is known of the bundle."""
    result: Shape = {"revision": to_result(told.location), "uploaded": told.upload, "registered": told.register}
    if told.fingerprint:
        result["fingerprint"] = told.fingerprint
    if told.stored and told.stored.size:
        result["size"] = told.stored.size
    if told.old is not None:
        old = [{"key": one["Key"], "size": one["Size"], "last_modified": one["LastModified"]} for one in told.old]
        result.update(old_bundles=to_result(old), pruned=told.prune)
    return {**result, **(told.source.told if told.source else {})}


def diff_revision(todo: Revision) -> Shape:
    """What S3 and CodeDeploy hold before and after; nothing of the content, and no ETag or version: AWS assigns them."""
    at = to_result(todo.github) if todo.github else {"bucket": todo.place.bucket, "key": todo.place.key}
    is_there = todo.stored or todo.replaced or todo.github
    before = given({**at, "fingerprint": todo.known or None}) if is_there else {}
    after = given({**at, "fingerprint": todo.fingerprint or None})
    if todo.prune:
        before, after = (
            {**before, "old_bundles": [one["Key"] for one in todo.old or ()]},
            {**after, "old_bundles": []},
        )
    if todo.register:
        return {"before": {**before, "registered": False}, "after": {**after, "registered": True}}
    return {"before": before, "after": after}


def _plan_push(aws: Connection, params: Shape) -> Revision:
    source = read_source(params)
    place = Place(params["bucket"], _key(params, source), _owner(aws, params))
    there, unseen = _look(aws, place)
    warned = (*source.warnings, *unseen)
    found = Revision(place, source.bundle_type, source=source, fingerprint=source.fingerprint, warnings=warned)
    if there is None:
        missing = _missing_bucket(aws, place)
        return _to_upload(aws, params, dataclasses.replace(found, missing=missing))
    return _compared(aws, params, found, there)


def _compared(aws: Connection, params: Shape, found: Revision, there: Stored) -> Revision:
    """What is to be done where the key holds an object."""
    seen = _with_registration(aws, params, dataclasses.replace(found, stored=there))
    if seen.known == found.fingerprint:
        return seen
    if _holds(aws, found, there):
        return dataclasses.replace(_checked(seen), known=found.fingerprint)
    if params["key"] is None:
        raise Taken(found.place, there)
    return _to_upload(aws, params, dataclasses.replace(found, replaced=there, known=seen.known))


def _holds(aws: Connection, found: Revision, there: Stored) -> bool:
    source = t.cast(Source, found.source)
    try:
        return holds(aws.client("s3"), found.place, there, source.chunks(), source.size_of_part)
    except Denied as e:
        remedy = "Allow s3:GetObject on it (and kms:Decrypt on its key), or push to another key_prefix."
        raise Refused(f"it cannot be determined whether the object is this bundle. {e} {remedy}") from e


def _checked(found: Revision) -> Revision:
    """With what is to be known of the source before it is a revision."""
    return dataclasses.replace(found, warnings=(*found.warnings, *t.cast(Source, found.source).check()))


def _to_upload(aws: Connection, params: Shape, found: Revision) -> Revision:
    """An unknown application must be noticed before a bundle is stored."""
    found = _checked(found)
    warned = (*found.warnings, *_of_other_account(aws, params, found.place))
    found = dataclasses.replace(found, warnings=warned, upload=True, register=params["register"] != "never")
    if found.register and find_application(aws, {"name": params["application_name"]}) is None:
        return dataclasses.replace(found, missing=(*found.missing, str(NoApplication(params["application_name"]))))
    return found


def _of_other_account(aws: Connection, params: Shape, place: Place) -> tuple[str, ...]:
    """What hosts need to read a bundle in a bucket of another account, which nobody can find out from here."""
    if place.owner is None or place.owner == aws.account_id:
        return ()
    text = (
        f"The bucket {place.bucket} belongs to the account {place.owner}. Its policy must allow the roles of the hosts s3:GetObject, and "
        "hosts of that account can only read the bundle if Object Ownership of the bucket is BucketOwnerEnforced."
    )
    if not (params["server_side_encryption"] or "").startswith("aws:kms"):
        return (text,)
    key = params["sse_kms_key_id"] or "the key of S3 that AWS manages, which only serves its own account"
    return (
        f"{text} The policy of the KMS key must allow them kms:Decrypt as well; the bundle is encrypted with {key}.",
    )


def _with_registration(aws: Connection, params: Shape, found: Revision) -> Revision:
    """With what CodeDeploy has registered of the object that is there: exactly this ETag and version."""
    try:
        registered = find_revision(aws, params, found.location)
    except NoApplication as e:
        return dataclasses.replace(found, register=params["register"] != "never", missing=(*found.missing, str(e)))
    known = fingerprint_in((registered or {}).get("description"))
    return dataclasses.replace(found, known=known, register=registered is None and params["register"] != "never")


def _owner(aws: Connection, params: Shape) -> str | None:
    owner = params["expected_bucket_owner"]
    return aws.account_id if owner == OWN_ACCOUNT else owner


def _look(aws: Connection, place: Place) -> tuple[Stored | None, list[str]]:
    try:
        return find_object(aws.client("s3"), place), []
    except Denied as e:
        return None, [f"{e} Whether the bundle exists already will only be known when it is uploaded."]


def _missing_bucket(aws: Connection, place: Place) -> tuple[str, ...]:
    try:
        check_bucket(aws.client("s3"), place)
    except NoBucket as e:
        return (str(e),)
    return ()


def _plan_object(aws: Connection, params: Shape) -> Revision:
    asked = params["s3"]
    place = Place(asked["bucket"], asked["key"], _owner(aws, params))
    try:
        stored = find_object(aws.client("s3"), place, asked["version"])
    except Denied as e:
        pins = Stored((asked["e_tag"] or "").strip('"'), asked["version"] or "")
        found = Revision(place, asked["bundle_type"], pins, warnings=(f"{e} The object is used without a check.",))
        return _with_registration(aws, params, found) if params["register"] != "never" else found
    if stored is None:
        gone = f"{place.uri} does not exist. Correct s3, or push a directory with src."
        missing = _missing_bucket(aws, place) or (gone,)
        return Revision(place, asked["bundle_type"], register=params["register"] != "never", missing=missing)
    if asked["e_tag"] and asked["e_tag"].strip('"') != stored.etag:
        raise Refused(
            f"{place.uri} has the ETag {stored.etag}, not {asked['e_tag']}: it was replaced. Correct s3.e_tag"
        )
    found = Revision(place, asked["bundle_type"], stored)
    if params["register"] == "never":
        return found
    found = _with_registration(aws, params, found)
    return dataclasses.replace(found, fingerprint=found.known)


def _plan_commit(aws: Connection, params: Shape) -> Revision:
    """A commit on GitHub is passed on to CodeDeploy: it and the AppSpec in it are read by nobody here."""
    asked = params["github"]
    if not COMMIT.fullmatch(asked["commit_id"]):
        raise Refused(
            f"github.commit_id {asked['commit_id']} is not the complete ID of a commit, 40 hexadecimal digits"
        )
    commit = {"repository": asked["repository"], "commitId": asked["commit_id"]}
    found = Revision(Place("", ""), "", github=commit)
    return found if params["register"] == "never" else _with_registration(aws, params, found)


def _key(params: Shape, source: Source) -> str:
    if params["key"] is not None:
        return params["key"]
    return "/".join(filter(None, (prefix_of(params), f"{source.fingerprint}.{source.bundle_type}")))


def prefix_of(params: Shape) -> str:
    """The prefix of bundles whose key is derived from their content, without a slash at its end."""
    return (params["application_name"] if params["key_prefix"] is None else params["key_prefix"]).strip("/")


def _upload(aws: Connection, params: Shape, todo: Revision) -> Revision:
    source = t.cast(Source, todo.source)
    tags = urllib.parse.urlencode(params["object_tags"] or {}) or None
    sse = {"ServerSideEncryption": params["server_side_encryption"], "SSEKMSKeyId": params["sse_kms_key_id"]}
    try:
        stored, uploaded = upload(
            aws.client("s3"),
            todo.place,
            source.chunks(),
            size_of_part=source.size_of_part,
            settings=given({**sse, "Tagging": tags}),
            replaces=todo.replaced,
        )
    except Taken as taken:  # by other bytes, which may be this content, compressed otherwise
        stored, uploaded = taken.stored, False
        if _with_registration(aws, params, dataclasses.replace(todo, stored=stored)).known != todo.fingerprint:
            raise
    return dataclasses.replace(todo, stored=stored, upload=uploaded, register=uploaded and todo.register)


def _register(aws: Connection, params: Shape, done: Revision) -> None:
    try:
        register_revision(aws, params, done.location, done.fingerprint)
    except ClientError as e:
        if not done.upload:
            raise
        cause = e.response["Error"].get("Message") or e.response["Error"].get("Code")
        raise Refused(
            f"the bundle is stored as {done.place.uri}, but could not be registered: {cause}. "
            "Run the task again to register it; it is not uploaded again"
        ) from e
