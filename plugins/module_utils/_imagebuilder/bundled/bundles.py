# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Components that bring a bundle with them: a tree of files in S3, and the document that unpacks it and runs scripts of it.

The scripts are part of the bundle: a document may have 16,000 characters only. The document pins the bundle by the digest
of its tar, not of the compressed file, which depends on the zlib that made it; the build checks it. So what is in S3 under
the key is never trusted, and need not be read here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import posixpath
import shlex
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._bundle.store import (
    Denied,
    Place,
    Taken,
    check_bucket,
    find_object,
    part_size,
    upload,
)
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tar_archive import gzip_chunks, tar_chunks
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import Tree, add_file, fingerprint
from ansible_collections.slipway.aws.plugins.module_utils._bundle.zip_archive import upper_bound
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.writing import written
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import arn_name

OWN_ACCOUNT = "self"  # of `expected_bucket_owner`
OURS = ".slipway"  # the folder of the bundle that holds the scripts
HOMES = "/opt/slipway"
MORE_SECONDS = 60  # that a step gets beyond the time limits of its scripts
SHELL = "#!/bin/bash\nset -eu\n"


class Step(t.NamedTuple):
    """A script that a step runs."""

    name: str
    script: str
    seconds: int | None = None  # time limit; None: that of Image Builder


@dataclasses.dataclass
class Content:
    """What a component is made from. `phases` are the steps by phase, after the ones that fetch the bundle."""

    tree: Tree
    phases: dict[str, list[Step]]
    told: Shape = dataclasses.field(default_factory=dict)  # members of the result
    warnings: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Bundle:
    """The tree as it is, or is going to be, in S3."""

    tree: Tree
    place: Place
    digest: str  # of the tar
    is_stored: bool

    def told(self, uploaded: bool) -> Shape:
        """The member of the result."""
        return {
            "bucket": self.place.bucket,
            "key": self.place.key,
            "digest": self.digest,
            "files": self.tree.files,
            "source_size": self.tree.size,
            "uploaded": uploaded,
        }


def home_of(name: str) -> str:
    """Where the bundle of a component is unpacked on the host."""
    return posixpath.join(HOMES, arn_name(name))


def refuse_ours(tree: Tree) -> None:
    """What the module adds must be free."""
    for name in (OURS, f"{OURS}.yml"):
        if any(entry.path.split(b"/")[0] == name.encode() for entry in tree.entries):
            raise BundleError(f"src holds {name}, which the module puts its own files into. Add it to exclude.")


def put_script(tree: Tree, name: str, text: str) -> None:
    """Let the bundle hold one more file of ours."""
    add_file(tree, f"{OURS}/{name}".encode(), text.encode())


def find_bundle(aws: Connection, params: Shape, tree: Tree) -> Bundle:
    """Read the tree, and find out whether S3 has it."""
    fingerprint(tree)
    digest = hashlib.sha256()
    for chunk in tar_chunks(tree):
        digest.update(chunk)
    name = f"{digest.hexdigest()}.tar.gz"
    prefix = arn_name(params["name"]) if params["key_prefix"] is None else params["key_prefix"]
    owner = params["expected_bucket_owner"]
    key = "/".join(filter(None, (prefix.strip("/"), name)))
    place = Place(params["bucket"], key, aws.account_id if owner == OWN_ACCOUNT else owner)
    try:
        stored = find_object(aws.client("s3"), place) is not None
    except Denied:  # without s3:ListBucket a missing object looks forbidden; the upload is refused when it is there
        stored = False
    return Bundle(tree, place, digest.hexdigest(), stored)


def look_at_bucket(aws: Connection, bundle: Bundle) -> None:
    """Raise BundleError when there is no such bucket."""
    check_bucket(aws.client("s3"), bundle.place)


def store_bundle(aws: Connection, params: Shape, bundle: Bundle) -> bool:
    """Upload it, and tell whether this was necessary: somebody else may have done it meanwhile."""
    sse = {"ServerSideEncryption": params["server_side_encryption"], "SSEKMSKeyId": params["sse_kms_key_id"]}
    chunks, size = gzip_chunks(tar_chunks(bundle.tree)), part_size(upper_bound(bundle.tree))
    try:
        return upload(aws.client("s3"), bundle.place, chunks, size_of_part=size, settings=given(sse))[1]
    except Taken:
        return False


def document_of(params: Shape, content: Content, bundle: Bundle) -> str:
    """The component document. Its build phase begins with the bundle."""
    phases = {"build": _fetching(params["name"], bundle)}
    for phase, steps in content.phases.items():
        phases.setdefault(phase, []).extend(map(_step, steps))
    listed = [{"name": phase, "steps": steps} for phase, steps in phases.items() if steps]
    return written({"name": params["name"], "schemaVersion": 1.0, "phases": listed})


def _fetching(name: str, bundle: Bundle) -> list[Shape]:
    home, packed = home_of(name), f"{HOMES}-{arn_name(name)}.tar"
    download = given(
        {"source": bundle.place.uri, "destination": f"{packed}.gz", "expectedBucketOwner": bundle.place.owner}
    )
    sums = {"path": f"{packed}.sha256", "content": f"{bundle.digest}  {packed}\n"}
    unpack = f"""\
set -eu
umask 022
gunzip -f {packed}.gz
if ! sha256sum -c {packed}.sha256; then
  echo {shlex.quote(f"{bundle.place.uri} is not the bundle that this component was made from. Delete it, and run the task again.")} >&2
  exit 1
fi
rm -rf {home}
mkdir -p {home}
tar -xpf {packed} -C {home}
rm {packed} {packed}.sha256
"""
    return [
        {"name": "DownloadBundle", "action": "S3Download", "inputs": [download]},
        {"name": "WriteDigest", "action": "CreateFile", "inputs": [sums]},
        _step(Step("UnpackBundle", unpack)),
    ]


def _step(step: Step) -> Shape:
    limit = {} if step.seconds is None else {"timeoutSeconds": step.seconds + MORE_SECONDS}
    return {"name": step.name, "action": "ExecuteBash", **limit, "inputs": {"commands": [step.script]}}
