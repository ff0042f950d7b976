# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Tags of every resource, and the resource policies of those that can be shared."""

from __future__ import annotations

from . import sharing
from .exceptions import ServiceQuotaExceededException
from .store import Item, Store

MOST_TAGS = 50


class Tagging(Store):
    """Operations on tags and resource policies."""

    def list_tags_for_resource(self, parameters: Item) -> Item:
        return {"tags": self.exact(parameters["resourceArn"])["tags"]}

    def tag_resource(self, parameters: Item) -> Item:
        record = self.exact(parameters["resourceArn"])
        tags = {**record["tags"], **parameters["tags"]}
        if len(tags) > MOST_TAGS:
            raise ServiceQuotaExceededException(f"A resource can have at most {MOST_TAGS} tags.")
        record["tags"] = tags
        return {}

    def untag_resource(self, parameters: Item) -> Item:
        record = self.exact(parameters["resourceArn"])
        record["tags"] = {key: value for key, value in record["tags"].items() if key not in parameters["tagKeys"]}
        return {}

    def put_policy(self, key: str, parameters: Item) -> Item:
        arn = self.exact(parameters[key])["arn"]
        sharing.share(self, arn, sharing.check(parameters["policy"], arn))
        self.policies[arn] = parameters["policy"]
        return {key: arn}

    def get_policy(self, key: str, parameters: Item) -> Item:
        arn = self.exact(parameters[key])["arn"]
        return {"policy": self.policies.get(arn)} if sharing.is_shared(self, arn) else {}
