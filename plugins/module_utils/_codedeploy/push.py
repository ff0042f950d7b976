# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Revisions of CodeDeploy: push a directory or take an object of S3, register, list. Private to this collection.

What is under the key of a bundle counts as that bundle when CodeDeploy has it registered so: by this ETag and version, and
with our fingerprint at the end of the description. Where it is not registered (a first push into a bucket of somebody
else's, a registration that failed), the bundle is built and compared with the object; what differs is never deployed.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t
import urllib.parse

try:
    from botocore.exceptions import ClientError
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

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
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.calls import SERVICE
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.push_sources import Source, read_source
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.revision_content import (
    DESCRIPTION,
    ROOM,
    fingerprint_in,
    marked,
    without_mark,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given, to_result

COMMIT = re.compile(r"[0-9a-f]{40}")
OWN_ACCOUNT = "self"  # of `expected_bucket_owner`
BATCH = 25  # revisions in one BatchGetApplicationRevisions


class NoApplication(Refused):
    """The application does not exist; a revision belongs to one."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no application {name} in this region. Create it with codedeploy_application first.")


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
    found = dataclasses.replace(_checked(found), upload=True, register=params["register"] != "never")
    if found.register and find_application(aws, {"name": params["application_name"]}) is None:
        return dataclasses.replace(found, missing=(*found.missing, str(NoApplication(params["application_name"]))))
    return found


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


def register_revision(aws: Connection, params: Shape, location: Shape, fingerprint: str = "") -> None:
    """Declares no "already exists": a repeated registration changes nothing but the description."""
    text = marked(params["description"], fingerprint) if fingerprint else params["description"]
    description = {"description": text} if text is not None else {}
    aws.client(SERVICE).register_application_revision(
        applicationName=params["application_name"], revision=location, **description
    )


def find_revision(aws: Connection, params: Shape, location: Shape) -> Shape | None:
    """One revision with what is known of it, by exactly this location; None when the application does not know it."""
    try:
        found = aws.client(SERVICE).get_application_revision(
            applicationName=params["application_name"], revision=location
        )
    except is_boto3_error_code("RevisionDoesNotExistException"):
        return None
    except is_boto3_error_code("ApplicationDoesNotExistException"):
        raise NoApplication(params["application_name"]) from None
    return {"revision": found.get("revision", location), **found.get("revisionInfo", {})}


def look_up_revision(aws: Connection, params: Shape, location: Shape) -> Shape | None:
    """The same for who only reads: an unknown application has no revisions."""
    try:
        found = find_revision(aws, params, location)
    except NoApplication:
        return None
    return found and _described(found)


def list_revisions(aws: Connection, params: Shape) -> list[Shape]:
    """Revisions by the filters of ListApplicationRevisions, in its order; none of an unknown application."""
    names = {"sort_by": "sortBy", "sort_order": "sortOrder", "s3_bucket": "s3Bucket", "s3_key_prefix": "s3KeyPrefix"}
    asked = given({member: params[option] for option, member in {**names, "deployed": "deployed"}.items()})
    asked["applicationName"] = params["application_name"]
    try:
        locations = items(aws, SERVICE, "list_application_revisions", "revisions", params["limit"], **asked)
    except is_boto3_error_code("ApplicationDoesNotExistException"):
        return []
    return read_revisions(aws, params, locations) if params["details"] else [{"revision": one} for one in locations]


def read_revisions(aws: Connection, params: Shape, locations: list[Shape]) -> list[Shape]:
    """What is known of each location, 25 a call, in the order asked."""
    known: dict[str, Shape] = {}
    for start in range(0, len(locations), BATCH):
        answer = aws.client(SERVICE).batch_get_application_revisions(
            applicationName=params["application_name"], revisions=locations[start : start + BATCH]
        )
        for one in answer.get("revisions", []):
            known[_identity(one["revisionLocation"])] = one.get("genericRevisionInfo", {})
    return [{"revision": one, **_described(known.get(_identity(one), {}))} for one in locations]


def _described(found: Shape) -> Shape:
    """With the fingerprint of a bundle of ours beside the description that the user gave it."""
    told = fingerprint_in(found.get("description"))
    return {**found, "description": without_mark(found["description"]), "fingerprint": told} if told else found


def _identity(location: Shape) -> str:
    return json.dumps(location, sort_keys=True)
