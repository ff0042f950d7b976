# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Pipelines that run on their schedules."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC
from functools import partial

from moto.core.exceptions import ServiceException

from slipway_emulator.clock import clock

from . import schedules
from .images import Images
from .parents import available
from .store import Item, moment_text, now

ALWAYS = "EXPRESSION_MATCH_ONLY"


class Scheduled(Images):
    """Starts the builds that are due; a pipeline is a new record after each update, so what waits for the old one is void."""

    def create_image_pipeline(self, parameters: Item) -> Item:
        answer = super().create_image_pipeline(parameters)
        self._plan(self.exact(answer["imagePipelineArn"]))
        return answer

    def update_image_pipeline(self, parameters: Item) -> Item:
        answer = super().update_image_pipeline(parameters)
        self._plan(self.exact(answer["imagePipelineArn"]))
        return answer

    def _plan(self, pipeline: Item) -> None:
        moment = schedules.next_run(pipeline)
        pipeline.pop("dateNextRun", None)
        if moment:
            pipeline["dateNextRun"] = moment_text(moment.astimezone(UTC))
            clock.at(moment.timestamp(), partial(self._due, pipeline))

    def _due(self, pipeline: Item) -> None:
        if self.resources.get(pipeline["arn"]) is not pipeline or pipeline["status"] != "ENABLED":
            return
        self._plan(pipeline)
        with suppress(ServiceException):  # something that it is built from is gone: nothing can be started
            if pipeline["schedule"]["pipelineExecutionStartCondition"] == ALWAYS or self._has_news(pipeline):
                pipeline["dateLastRun"] = now()
                self._start_build(pipeline, pipeline.get("imageTags", {}), pipeline["arn"], "SCHEDULED")

    def _has_news(self, pipeline: Item) -> bool:
        """Whether something that the recipe refers to is newer than what the last good image was built from."""
        images = [each for each in self.records("image") if each.get("sourcePipelineArn") == pipeline["arn"]]
        built = [each for each in images if available(each)]
        if not built:
            return True
        last = self.builds[max(built, key=lambda each: str(each["dateCreated"]))["arn"]]
        return last.dependencies != self.dependencies(self._recipe_of(pipeline))
