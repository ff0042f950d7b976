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
  - Bundle a directory, upload it to S3 and register it as a revision of a CodeDeploy application; or take an object
    that is in S3 already.
  - The bundle is named after its content, by a fingerprint over the paths, permission bits and contents of its files. When
    it is in S3 already, the run costs two requests and uploads nothing.
  - An object counts as this bundle when CodeDeploy has it registered so, with this ETag, version and fingerprint. An object
    that is not registered is compared with the bundle, which has to be built for that; where it differs, the task fails. What
    the object says of itself (its metadata, its key) is never trusted.
  - The AppSpec file is checked, and every file is read, before anything is written.
  - Run it on the host that has the directory, usually the controller.
author:
  - Slipway contributors (@slipway-aws)
options:
  application_name:
    description:
      - Name of the application the revision belongs to. It must exist.
    type: str
    required: true
  src:
    description:
      - The directory to bundle. C(appspec.yml) is in its root.
      - On the controller, a relative path is found as M(ansible.builtin.copy) finds its C(src) (in C(files/) of the role and of
        the playbook's directory, and in these themselves), and then in the working directory of C(ansible-playbook).
      - A task that runs on another host takes the directory from there, and needs its absolute path.
      - Symlinks are kept as symlinks; one that is absolute or leads out of the directory is refused. So are named pipes,
        sockets and devices, and names that are not UTF-8 or hold control characters, which no host could install.
      - Empty directories are kept. Set-user-id, set-group-id and sticky bits are not, nor are owners.
    type: path
  exclude:
    description:
      - What to leave out of the bundle. A pattern without a slash is matched against names at any depth, one with a slash
        against the path below O(src).
      - V(*) and V(?) do not match a slash, V(**) does. A slash at the end restricts a pattern to directories. Case counts.
      - A directory that matches is left out with all it holds. Patterns that begin with V(!) are not supported.
      - Set it to an empty list to bundle everything.
    type: list
    elements: str
    default: [.git]
  bundle_type:
    description:
      - The kind of archive. On Windows hosts only V(zip) works.
      - The host agent restores symlinks from a V(zip) only where the program C(unzip) is installed; V(tgz) is usually smaller.
    type: str
    choices: [zip, tar, tgz]
    default: zip
  compression_level:
    description:
      - How hard to compress, from V(0) (not at all) to V(9). A bundle that is stored is not stored again for another level.
    type: int
    choices: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    default: 6
  bucket:
    description:
      - The bucket to upload to, in the region of the hosts. Required with O(src).
    type: str
  key_prefix:
    description:
      - The folder in the bucket; the bundle's name in it is its fingerprint and its kind. When not given, the name of the
        application.
    type: str
  key:
    description:
      - A fixed key to upload to, instead of a name after the content. What is stored there is replaced when its
        content is another. Use it with a bucket that keeps versions, or earlier revisions cannot be deployed any more.
    type: str
  server_side_encryption:
    description:
      - How S3 encrypts the bundle. When not given, as the bucket says.
    type: str
    choices: [AES256, 'aws:kms', 'aws:kms:dsse']
  sse_kms_key_id:
    description:
      - The KMS key for it. The instance profiles of the hosts need C(kms:Decrypt) on it.
    type: str
  expected_bucket_owner:
    description:
      - Id of the account that must own the bucket; S3 refuses every request if another one does.
      - V(self) is the account of the caller. Give it, or an id, wherever a bucket name may have been taken by somebody else.
    type: str
  s3:
    description:
      - An object that is in S3 already, instead of O(src). Its AppSpec file is not looked at.
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
        description: What the object is. V(YAML) and V(JSON) are AppSpec files for Lambda and ECS.
        type: str
        required: true
        choices: [zip, tar, tgz, YAML, JSON]
      version:
        description: Its version. When not given, the newest, and the result names it.
        type: str
      e_tag:
        description: The ETag it must have.
        type: str
  description:
    description:
      - A comment on the revision, up to 256 characters. It is set when the revision is registered.
      - With O(src), up to 175 characters, because the fingerprint of the content is kept behind it.
    type: str
  register:
    description:
      - V(auto) registers the bundle or object when the application does not know it yet.
      - V(never) leaves it to the deployment. Then every push of a bundle that is in S3 builds it again to compare it.
    type: str
    choices: [auto, never]
    default: auto
  state:
    description:
      - Revisions cannot be removed, so there is only one state.
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
  - In check mode, a bucket or an application that does not exist is a warning only, because a task before may be going to
    create it.
  - The same content gives the same archive, whoever bundles it and where. So the files in it carry neither the dates on disk nor
    one fixed date, but one derived from their content, in the years 1980 to 1997. The host agent keeps it, and what caches by
    date and size (web servers, Python) notices a changed file.
  - The caller needs C(s3:GetObject) and C(s3:PutObject) on the keys, and C(codedeploy:GetApplicationRevision). With
    C(s3:ListBucket) a missing bundle is told from a forbidden one beforehand; without it, by an upload that S3 refuses when
    the bundle is there.
  - An upload in parts that fails is aborted. To be safe from those that are cut off (power, network), give the bucket a
    lifecycle rule that aborts incomplete uploads.
seealso:
  - module: slipway.aws.codedeploy_revision_info
  - module: slipway.aws.codedeploy_deployment
  - name: Revisions in CodeDeploy
    description: What a revision holds, in the AWS documentation.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/application-revisions.html
"""

EXAMPLES = r"""
- name: Push the storefront as it is checked out here
  slipway.aws.codedeploy_revision:
    application_name: storefront
    src: storefront
    bucket: example-releases
    exclude: [.git, "*.pyc", __pycache__, /docs/]
  register: pushed

- name: Push it as a compressed tar, to a folder of its own, encrypted with a customer key
  slipway.aws.codedeploy_revision:
    application_name: storefront
    src: storefront
    bucket: example-releases
    key_prefix: shop/storefront
    bundle_type: tgz
    server_side_encryption: aws:kms
    sse_kms_key_id: alias/releases
    description: Built by the nightly pipeline

- name: Take a bundle that the pipeline has put into S3
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
    - The revision, as O(slipway.aws.codedeploy_deployment#module:revision) takes it.
    - In check mode without version and ETag when the bundle would be uploaded.
  returned: always
  type: dict
  contains:
    revision_type:
      description: Always V(S3).
      type: str
      returned: always
      sample: S3
    s3_location:
      description: Where the bundle is.
      type: dict
      returned: always
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
          description: Its kind.
          type: str
          returned: always
          sample: zip
        version:
          description: Its version, if the bucket keeps versions.
          type: str
          returned: when known
          sample: 3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY
        e_tag:
          description: Its ETag, without quotes.
          type: str
          returned: when known
          sample: d41d8cd98f00b204e9800998ecf8427e
fingerprint:
  description: SHA-256 over paths, permission bits and contents of the files; of an object given with O(s3), what it is registered with.
  returned: when known
  type: str
  sample: 5d41402abc4b2a76b9719d911017c592ae3f1b3a9c2d8e7f605142332415ffed
size:
  description: Size of the bundle in S3, in bytes.
  returned: when it is in S3
  type: int
  sample: 1048576
files:
  description: How many files the bundle holds.
  returned: when O(src) is given
  type: int
  sample: 42
source_size:
  description: Size of these files, in bytes.
  returned: when O(src) is given
  type: int
  sample: 4194304
uploaded:
  description: Whether the bundle was uploaded, or in check mode would be.
  returned: always
  type: bool
  sample: true
registered:
  description: Whether the revision was registered by this run, or in check mode would be.
  returned: always
  type: bool
  sample: true
problems:
  description: What is wrong with the AppSpec file.
  returned: when the AppSpec file is refused
  type: list
  elements: dict
  contains:
    line:
      description: Line of the file, counted from 1; null when the file as a whole is meant.
      type: int
      sample: 7
    path:
      description: Where in the document.
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
ARGUMENT_SPEC = {
    "application_name": {"type": "str", "required": True},
    "src": {"type": "path"},
    "exclude": {"type": "list", "elements": "str", "default": [".git"]},
    "bundle_type": {"type": "str", "choices": ["zip", "tar", "tgz"], "default": "zip"},
    "compression_level": {"type": "int", "choices": list(range(10)), "default": 6},
    "bucket": {"type": "str"},
    "key_prefix": {"type": "str", "no_log": False},
    "key": {"type": "str", "no_log": False},
    "server_side_encryption": {"type": "str", "choices": ["AES256", "aws:kms", "aws:kms:dsse"]},
    "sse_kms_key_id": {"type": "str", "no_log": False},
    "expected_bucket_owner": {"type": "str"},
    "s3": {"type": "dict", "options": S3_OPTIONS},
    "description": {"type": "str"},
    "register": {"type": "str", "choices": ["auto", "never"], "default": "auto"},
    "state": {"type": "str", "choices": ["present"], "default": "present"},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_one_of=[("src", "s3")],
        mutually_exclusive=[
            ("src", "s3"),
            ("s3", "bucket"),
            ("s3", "key"),
            ("s3", "key_prefix"),
            ("key", "key_prefix"),
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
    module.exit_json(changed=done.upload or done.register, **describe_revision(done), **diff)


if __name__ == "__main__":
    main()
