# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Applications and their revisions."""

from __future__ import annotations

from typing import Any

from moto.utilities.tagging_service import TaggingService

from slipway_emulator.clock import clock

from . import limits, locations, validation
from .entities import Application, Revision
from .exceptions import (
    ApplicationAlreadyExists,
    ApplicationNameRequired,
    CodeDeployException,
    RevisionRequired,
)
from .state import State

SORTED_BY = {"registerTime": "registered", "firstUsedTime": "first_used", "lastUsedTime": "last_used"}


class Applications(State):
    def create_application(
        self,
        application_name: str | None = None,
        compute_platform: str | None = None,
        tags: list[dict[str, str]] | None = None,
    ) -> str:
        name = validation.name(application_name, "Application")
        platforms = ("Server", "Lambda", "ECS")
        validation.enum(compute_platform, platforms, "InvalidComputePlatformException", "The compute platform")
        wanted = validation.resource_tags(tags)
        if name in self.applications:
            raise ApplicationAlreadyExists(name=name)
        if len(self.applications) >= limits.APPLICATIONS:
            raise CodeDeployException(
                "ApplicationLimitExceededException", f"The limit of {limits.APPLICATIONS} applications is reached"
            )
        application = self.applications[name] = Application(name, compute_platform or "Server")
        self.tagger.tag_resource(self.application_arn(application), TaggingService.convert_dict_to_tags_input(wanted))
        return application.application_id

    def batch_get_applications(self, application_names: list[str] | None = None) -> list[Application]:
        """One unknown name fails the whole call."""
        names = validation.batch(application_names, limits.APPLICATION_BATCH, ApplicationNameRequired())
        return [self.find_application(name) for name in names]

    def list_applications(self, next_token: str | None = None) -> tuple[list[str], str | None]:
        return validation.page(list(self.applications), next_token)

    def update_application(self, application_name: str | None = None, new_application_name: str | None = None) -> None:
        """Rename; ARNs are made of names, so the tags move along."""
        application = self.find_application(application_name)
        if not new_application_name:
            return
        name = validation.name(new_application_name, "Application")
        if name in self.applications:
            raise ApplicationAlreadyExists(name=name)
        old = [self.application_arn(application), *(self.group_arn(g) for g in application.groups.values())]
        self.applications = {name if n == application.name else n: a for n, a in self.applications.items()}
        application.name = name
        new = [self.application_arn(application), *(self.group_arn(g) for g in application.groups.values())]
        for before, after in zip(old, new, strict=True):
            self.tagger.copy_tags(before, after)
            self.tagger.delete_all_tags_for_resource(before)

    def register_application_revision(
        self,
        application_name: str | None = None,
        revision: locations.Location | None = None,
        description: str | None = None,
    ) -> None:
        """Safe to repeat: a revision that is known only takes a new description."""
        application = self.find_application(application_name)
        validation.description(description)
        locations.check(revision, application.platform)
        self.registered(application, revision or {}, description)

    def registered(self, application: Application, location: locations.Location, description: str | None) -> Revision:
        known = application.revisions.setdefault(locations.identity(location), Revision(location, description))
        known.description = description or known.description
        return known

    def used(self, application: Application, location: locations.Location, deployment_id: str) -> None:
        """A deployment uses the revision, and registers it where nobody has."""
        key = locations.identity(location)
        text = f"Application revision registered by Deployment ID: {deployment_id}"
        revision = application.revisions.get(key) or self.registered(application, location, text)
        revision.first_used = revision.first_used or clock.datetime()
        revision.last_used = clock.datetime()

    def with_content(self, application: Application, location: locations.Location) -> locations.Location:
        """The registered revision where only the sha256 of an AppSpec file is given."""
        if locations.has_content(location):
            return location
        known = application.revisions.get(locations.identity(location))
        if known is None or not locations.has_content(known.location):
            raise CodeDeployException(
                "RevisionDoesNotExistException",
                f"No application revision found for application name: {application.name}",
            )
        return known.location

    def get_application_revision(
        self, application_name: str | None = None, revision: locations.Location | None = None
    ) -> tuple[Application, Revision]:
        application = self.find_application(application_name)
        locations.check(revision, application.platform)
        found = application.revisions.get(locations.identity(revision or {}))
        if found is None:
            raise CodeDeployException(
                "RevisionDoesNotExistException",
                f"No application revision found for application name: {application.name}, revision location: {revision}",
            )
        return application, found

    def batch_get_application_revisions(
        self, application_name: str | None = None, revisions: list[locations.Location] | None = None
    ) -> tuple[Application, list[Revision], list[locations.Location]]:
        """Revisions that are known, and locations that are not."""
        application = self.find_application(application_name)
        wanted = [
            locations.check(r, application.platform)
            for r in validation.batch(revisions, limits.BATCH, RevisionRequired())
        ]
        keys = [locations.identity(location) for location in wanted]
        found = [application.revisions[key] for key in keys if key in application.revisions]
        missing = [loc for loc, key in zip(wanted, keys, strict=True) if key not in application.revisions]
        return application, found, missing

    def list_application_revisions(
        self, application_name: str | None = None, **wish: Any
    ) -> tuple[list[Any], str | None]:
        """`wish`: sort_by, sort_order, s3_bucket, s3_key_prefix, deployed, next_token."""
        application = self.find_application(application_name)
        _check_listing(wish)
        found = [r for r in application.revisions.values() if self._listed(r, application, wish)]
        if wish.get("sort_by"):
            attribute = SORTED_BY[wish["sort_by"]]
            dated = [r for r in found if getattr(r, attribute) is not None]
            undated = [r for r in found if getattr(r, attribute) is None]
            descending = wish.get("sort_order") == "descending"
            found = sorted(dated, key=lambda r: getattr(r, attribute), reverse=descending) + undated
        return validation.page([r.location for r in found], wish.get("next_token"))

    def _listed(self, revision: Revision, application: Application, wish: dict[str, Any]) -> bool:
        s3 = revision.location.get("s3Location") or {}
        if wish.get("s3_bucket") and s3.get("bucket") != wish["s3_bucket"]:
            return False
        if not s3.get("key", "").startswith(wish.get("s3_key_prefix") or ""):
            return False
        deployed = bool(self.groups_with(application, revision.location))
        return {"include": deployed, "exclude": not deployed}.get(wish.get("deployed") or "ignore", True)


def _check_listing(wish: dict[str, Any]) -> None:
    validation.enum(wish.get("sort_by"), SORTED_BY, "InvalidSortByException", "The sort field")
    validation.enum(wish.get("sort_order"), ("ascending", "descending"), "InvalidSortOrderException", "The sort order")
    validation.enum(
        wish.get("deployed"), ("include", "exclude", "ignore"), "InvalidDeployedStateFilterException", "The filter"
    )
    if wish.get("s3_key_prefix") and not wish.get("s3_bucket"):
        raise CodeDeployException("BucketNameFilterRequiredException", "A key prefix filter needs a bucket name filter")
