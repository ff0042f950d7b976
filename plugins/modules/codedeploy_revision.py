#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_revision
short_description: Push an application revision for AWS CodeDeploy
version_added: 1.0.0
description:
  - Bundle a directory, upload the bundle to S3 and register it as a revision of a CodeDeploy application. Alternatively, upload an
    archive as it is, use an object that is already in S3, or register a commit on GitHub.
  - The key of the bundle is derived from its content, by a fingerprint of the paths, permission bits and contents of its files. If
    the bundle is already in S3, the run takes two requests and uploads nothing.
  - An object in S3 is recognized as the bundle when it is registered with CodeDeploy with this ETag, version and fingerprint. An
    object that is not registered is compared with the bundle, which has to be built for this. If they differ, the task fails. The
    metadata and the key of the object are never trusted.
  - Before anything is written, the AppSpec file is checked and every file is read.
  - Run this module on the host that has the directory, usually the controller.
author:
  - Slipway contributors (@slipway-aws)
options:
  application_name:
    description:
      - Name of the application that the revision belongs to. The application must exist.
    type: str
    required: true
  src:
    description:
      - Path of the directory to bundle, or of an archive that something else made. C(appspec.yml) must be in its root.
      - An archive (V(zip), V(tar) or V(tgz), recognized by its content) is uploaded as it is. Before that, the names in it and its
        AppSpec file are checked. It is not unpacked to the disk. Its fingerprint is the SHA-256 of the file.
      - An archive is refused when an entry is encrypted, is a device, has a name that is not UTF-8, or leaves the archive by its
        path or as a symlink, or when it has more than a million entries or, as a tar, more than 16 GiB unpacked.
      - On the controller, a relative path is searched for like C(src) of M(ansible.builtin.copy), that is in the role and in the
        directory of the playbook, in each of them first in C(files/), and then in the working directory of C(ansible-playbook).
      - A task that runs on another host uses the directory on that host, and requires an absolute path.
      - Named pipes, sockets and devices are refused, and so are names that are not UTF-8 or contain control characters, which no
        host could install. For symlinks see O(symlinks).
      - Empty directories are kept. Set-user-ID, set-group-ID and sticky bits and the owners of files are not kept.
    type: path
  exclude:
    description:
      - Patterns of what to leave out of the bundle. A pattern without a slash is matched against names at any depth, a pattern with
        a slash against the path below O(src).
      - V(*) and V(?) do not match a slash, V(**) does. A pattern with a slash at the end only matches directories. Patterns are
        case-sensitive.
      - A directory that matches is left out with all its contents. Patterns that begin with V(!) are not supported.
      - Set it to an empty list to bundle everything. It does not apply to an archive.
    type: list
    elements: str
    default: [.git]
  ignore_file:
    description:
      - Name of a file in O(src) with more patterns of what to leave out, one per line, in the form of C(.gitignore). If not set,
        C(.slipwayignore) is used if it exists. Set it to an empty string to use no file. It does not apply to an archive.
      - Comments, V(!), V(**), sets of characters and backslashes mean the same as in C(.gitignore), and the last line that matches
        decides. Only one file is read, in the root of O(src). The file itself is left out of the bundle.
      - What O(exclude) leaves out cannot be included again.
    type: str
  symlinks:
    description:
      - V(keep) bundles symlinks as symlinks. Symlinks that are absolute or point outside the directory are refused.
      - V(follow) bundles the files and directories that symlinks point to instead, also those outside of the directory. Symlinks
        to something that does not exist or to a directory that contains them are refused.
      - V(fail) refuses every symlink.
      - It does not apply to an archive.
    type: str
    choices: [keep, follow, fail]
    default: keep
  bundle_type:
    description:
      - The archive format of the bundle. If not set, V(zip) for a directory. An archive keeps its own, and another one is refused.
      - Windows hosts only support V(zip).
      - The CodeDeploy agent restores symlinks from a V(zip) archive only on hosts where the program C(unzip) is installed. A V(tgz)
        archive is usually smaller.
    type: str
    choices: [zip, tar, tgz]
  compression_level:
    description:
      - The compression level, from V(0) (no compression) to V(9) (best compression). A bundle that is already stored is not
        uploaded again when only the level differs.
    type: int
    choices: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    default: 6
  bucket:
    description:
      - Name of the bucket to upload to, which must be in the region of the hosts. Required when O(src) is set.
    type: str
  key_prefix:
    description:
      - The prefix of the key of the bundle. The rest of the key consists of the fingerprint and the archive format. If not set, the
        name of the application is used.
    type: str
  key:
    description:
      - A fixed key to upload to, instead of a key that is derived from the content. An object with this key is replaced when its
        content differs. Enable versioning for the bucket, because otherwise earlier revisions can no longer be deployed.
    type: str
  server_side_encryption:
    description:
      - How S3 encrypts the bundle. If not set, the default encryption of the bucket is used.
    type: str
    choices: [AES256, 'aws:kms', 'aws:kms:dsse']
  sse_kms_key_id:
    description:
      - The KMS key for the encryption. The instance profiles of the hosts need the permission C(kms:Decrypt) for this key.
    type: str
  object_tags:
    description:
      - Tags of the object in S3, at most 10. They are set when the bundle is uploaded, and the tags of an object that is already
        stored are not changed. The caller needs the permission C(s3:PutObjectTagging).
    type: dict
  expected_bucket_owner:
    description:
      - ID of the account that must own the bucket. S3 refuses every request if another account owns it.
      - V(self) is the account of the caller. Set this option wherever a bucket with this name may belong to someone else.
    type: str
  s3:
    description:
      - An object that is already in S3, to use instead of O(src). Its AppSpec file is not checked.
    type: dict
    suboptions:
      bucket:
        description: Name of the bucket.
        type: str
        required: true
      key:
        description: Key of the object.
        type: str
        required: true
      bundle_type:
        description: The file type of the object. V(YAML) and V(JSON) are AppSpec files for Lambda and ECS.
        type: str
        required: true
        choices: [zip, tar, tgz, YAML, JSON]
      version:
        description: Version of the object. If not set, the newest version is used and returned.
        type: str
      e_tag:
        description: The ETag that the object must have.
        type: str
  github:
    description:
      - A commit on GitHub, to use instead of O(src).
      - The commit is only passed on to CodeDeploy. Neither the module nor the other modules of this collection read it, so its
        AppSpec file is not checked. CodeDeploy has to be connected with the GitHub account, which is only possible in its console,
        and hosts download the commit from GitHub.
    type: dict
    suboptions:
      repository:
        description: Account and name of the repository, C(ACCOUNT/REPOSITORY).
        type: str
        required: true
      commit_id:
        description: The complete ID of the commit, 40 hexadecimal digits.
        type: str
        required: true
  description:
    description:
      - A comment about the revision, at most 256 characters. It is set when the revision is registered.
      - With O(src), at most 175 characters, because the fingerprint of the content is appended to it.
    type: str
  retain:
    description:
      - How many bundles to keep under the prefix of the key, including the one that is pushed. RV(old_bundles) are the others that
        no deployment group can still need. They are only deleted if O(prune=true).
      - Only objects whose key consists of the prefix, a fingerprint and an archive format are considered. Apart from the newest
        ones, the revision that new hosts of a deployment group get, the revisions of the last successful and of the last
        deployment of each deployment group, and those of deployments in progress are kept, for all applications in the Region.
      - The task fails before it writes anything if the policy of the bucket allows another account something or may not be read,
        because deployments of other accounts are not visible. The module does not read ACLs and does not know who uses the bundles
        without CodeDeploy.
    type: int
  prune:
    description:
      - Whether to delete RV(old_bundles). In a bucket with versioning, the versions are kept behind delete markers.
    type: bool
    default: false
  register:
    description:
      - V(auto) registers the bundle or object if it is not registered for the application yet.
      - V(never) does not register it, but leaves this to the deployment. In this case, every push of a bundle that is in S3 builds
        it again to compare it.
    type: str
    choices: [auto, never]
    default: auto
  state:
    description:
      - The only state is V(present), because revisions cannot be deleted.
    type: str
    choices: [present]
    default: present
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - In check mode, a bucket or an application that does not exist only causes a warning, because an earlier task may create it in a
    real run.
  - The same content always results in the same archive, regardless of who bundles it and where. Therefore the files in the archive
    do not have their dates on disk, and not one fixed date either, but dates derived from their content, in the years 1980 to 1997.
    The CodeDeploy agent keeps these dates, so that programs that cache files by date and size (web servers, Python) detect a
    changed file.
  - The caller needs the permissions C(s3:GetObject) and C(s3:PutObject) for the keys, and C(codedeploy:GetApplicationRevision).
    With C(s3:ListBucket) a missing bundle can be distinguished from a forbidden one before the upload. Without it, the task tries
    an upload, which S3 refuses if the bundle exists.
  - O(retain) also needs C(s3:GetBucketPolicy), C(s3:ListBucket), C(codedeploy:ListApplications),
    C(codedeploy:ListDeploymentGroups), C(codedeploy:BatchGetDeploymentGroups), C(codedeploy:ListDeployments) and
    C(codedeploy:BatchGetDeployments), and O(prune) needs C(s3:DeleteObject).
  - A multipart upload that fails is aborted. For uploads that are interrupted (power, network), add a lifecycle rule to the bucket
    that aborts incomplete multipart uploads.
seealso:
  - module: slipway.aws.codedeploy_revision_info
  - module: slipway.aws.codedeploy_deployment
  - name: Revisions in CodeDeploy
    description: The AWS documentation about the content of a revision.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/application-revisions.html
"""

EXAMPLES = r"""
- name: Push a revision from a local directory
  slipway.aws.codedeploy_revision:
    application_name: storefront
    src: storefront
    bucket: example-releases
    exclude: [.git, "*.pyc", __pycache__, /docs/]
  register: pushed

- name: Push a revision as a compressed tar archive with its own key prefix, encrypted with a customer managed key
  slipway.aws.codedeploy_revision:
    application_name: storefront
    src: storefront
    bucket: example-releases
    key_prefix: shop/storefront
    bundle_type: tgz
    server_side_encryption: aws:kms
    sse_kms_key_id: alias/releases
    description: Built by the nightly pipeline

- name: Push an archive that a pipeline has built
  slipway.aws.codedeploy_revision:
    application_name: storefront
    src: storefront-1.5.0.zip
    bucket: example-releases
    object_tags:
      Commit: 1f8a4c2

- name: Push a revision, and delete bundles that no deployment group needs except for the ten newest ones
  slipway.aws.codedeploy_revision:
    application_name: storefront
    src: storefront
    bucket: example-releases
    retain: 10
    prune: true

- name: Register a commit on GitHub
  slipway.aws.codedeploy_revision:
    application_name: storefront
    github:
      repository: example/storefront
      commit_id: 1f8a4c2e9b7d6f5a4b3c2d1e0f9a8b7c6d5e4f3a

- name: Register a bundle that a pipeline uploaded to S3
  slipway.aws.codedeploy_revision:
    application_name: storefront
    s3:
      bucket: example-releases
      key: storefront-1.4.2.zip
      bundle_type: zip
"""

RETURN = r"""
revision:
  description:
    - The revision, in the form of O(slipway.aws.codedeploy_deployment#module:revision).
    - In check mode, the version and the ETag are missing when the bundle would be uploaded.
  returned: always
  type: dict
  contains:
    revision_type:
      description: V(S3), or V(GitHub) with O(github).
      type: str
      returned: always
      sample: S3
    git_hub_location:
      description: Location of the commit.
      type: dict
      returned: when O(github) is set
      contains:
        repository:
          description: Account and name of the repository.
          type: str
          sample: example/storefront
        commit_id:
          description: ID of the commit.
          type: str
          sample: 1f8a4c2e9b7d6f5a4b3c2d1e0f9a8b7c6d5e4f3a
    s3_location:
      description: Location of the bundle.
      type: dict
      returned: unless O(github) is set
      contains:
        bucket:
          description: Name of the bucket.
          type: str
          returned: always
          sample: example-releases
        key:
          description: Key of the object.
          type: str
          returned: always
          sample: storefront/5d41402abc4b2a76b9719d911017c592ae3f1b3a9c2d8e7f605142332415ffed.zip
        bundle_type:
          description: File type of the bundle.
          type: str
          returned: always
          sample: zip
        version:
          description: Version of the object, if versioning is enabled for the bucket.
          type: str
          returned: when known
          sample: 3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY
        e_tag:
          description: ETag of the object, without quotes.
          type: str
          returned: when known
          sample: d41d8cd98f00b204e9800998ecf8427e
fingerprint:
  description:
    - SHA-256 of the paths, permission bits and contents of the files, or of an archive. For an object specified with O(s3), the
      fingerprint that it is registered with.
  returned: when known
  type: str
  sample: 5d41402abc4b2a76b9719d911017c592ae3f1b3a9c2d8e7f605142332415ffed
size:
  description: Size of the bundle in S3, in bytes.
  returned: when the bundle is in S3
  type: int
  sample: 1048576
files:
  description: Number of files in the bundle.
  returned: when O(src) is a directory
  type: int
  sample: 42
source_size:
  description: Total size of these files, in bytes.
  returned: when O(src) is a directory
  type: int
  sample: 4194304
uploaded:
  description: Whether the bundle was uploaded, or would be uploaded in check mode.
  returned: always
  type: bool
  sample: true
registered:
  description: Whether the revision was registered by this run, or would be registered in check mode.
  returned: always
  type: bool
  sample: true
old_bundles:
  description: The bundles that O(retain) does not keep, oldest first.
  returned: when O(retain) is set
  type: list
  elements: dict
  contains:
    key:
      description: Key of the object.
      type: str
      sample: storefront/0d41402abc4b2a76b9719d911017c592ae3f1b3a9c2d8e7f605142332415ffed.zip
    size:
      description: Size of the object in bytes.
      type: int
      sample: 1048576
    last_modified:
      description: When the object was uploaded.
      type: str
      sample: "2026-11-23T17:00:00+00:00"
pruned:
  description: Whether they were deleted, or would be deleted in check mode.
  returned: when O(retain) is set
  type: bool
  sample: false
problems:
  description: The problems of the AppSpec file.
  returned: when the AppSpec file is refused
  type: list
  elements: dict
  contains:
    line:
      description: Line number in the file, counted from 1. Null when the problem concerns the file as a whole.
      type: int
      sample: 7
    path:
      description: Location in the document.
      type: str
      sample: hooks.AfterInstall[0].location
    what:
      description: What is wrong.
      type: str
    remedy:
      description: How to fix it.
      type: str
    level:
      description: Always V(error) here.
      type: str
      sample: error
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.push import (
    apply_revision,
    describe_revision,
    diff_revision,
    plan_revision,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure, warn

S3_OPTIONS = {
    "bucket": {"type": "str", "required": True},
    "key": {"type": "str", "required": True, "no_log": False},
    "bundle_type": {"type": "str", "required": True, "choices": ["zip", "tar", "tgz", "YAML", "JSON"]},
    "version": {"type": "str"},
    "e_tag": {"type": "str"},
}
GITHUB_OPTIONS = {
    "repository": {"type": "str", "required": True},
    "commit_id": {"type": "str", "required": True},
}
UPLOAD_OPTIONS = ("bucket", "key", "key_prefix")
ARGUMENT_SPEC = {
    "application_name": {"type": "str", "required": True},
    "src": {"type": "path"},
    "exclude": {"type": "list", "elements": "str", "default": [".git"]},
    "ignore_file": {"type": "str"},
    "symlinks": {"type": "str", "choices": ["keep", "follow", "fail"], "default": "keep"},
    "bundle_type": {"type": "str", "choices": ["zip", "tar", "tgz"]},
    "compression_level": {"type": "int", "choices": list(range(10)), "default": 6},
    "bucket": {"type": "str"},
    "key_prefix": {"type": "str", "no_log": False},
    "key": {"type": "str", "no_log": False},
    "server_side_encryption": {"type": "str", "choices": ["AES256", "aws:kms", "aws:kms:dsse"]},
    "sse_kms_key_id": {"type": "str", "no_log": False},
    "expected_bucket_owner": {"type": "str"},
    "object_tags": {"type": "dict"},
    "s3": {"type": "dict", "options": S3_OPTIONS},
    "github": {"type": "dict", "options": GITHUB_OPTIONS},
    "description": {"type": "str"},
    "retain": {"type": "int"},
    "prune": {"type": "bool", "default": False},
    "register": {"type": "str", "choices": ["auto", "never"], "default": "auto"},
    "state": {"type": "str", "choices": ["present"], "default": "present"},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_one_of=[("src", "s3", "github")],
        mutually_exclusive=[
            ("src", "s3", "github"),
            *((source, option) for source in ("s3", "github") for option in UPLOAD_OPTIONS),
            ("key", "key_prefix"),
            *(("retain", option) for option in ("s3", "github", "key")),
        ],
        required_by={"src": ("bucket",), "sse_kms_key_id": ("server_side_encryption",)},
    )
    params = module.params
    try:
        aws = connect(module)
        todo = plan_revision(aws, params, forecast=module.check_mode)
        done = todo if module.check_mode else apply_revision(aws, params, todo)
    except FAILURES as problem:
        module.fail_json(
            **failure(problem, f"Failed to push a revision of the application {params['application_name']}")
        )
    for warning in (*todo.warnings, *todo.missing):
        warn(warning)
    diff = {"diff": diff_revision(todo)} if module._diff else {}
    module.exit_json(changed=done.upload or done.register or done.prune, **describe_revision(done), **diff)


if __name__ == "__main__":
    main()
