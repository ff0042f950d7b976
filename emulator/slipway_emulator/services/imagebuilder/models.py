# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""ImageBuilderBackend class with methods for supported APIs."""

from __future__ import annotations

from moto.core.base_backend import BackendDict

from . import seeds
from .configurations import Configurations
from .distributing import REGIONS
from .findings import Findings
from .lifecycles import Lifecycles
from .recipes import Recipes
from .scheduled import Scheduled
from .tagging import Tagging
from .workflows import Workflows


class ImageBuilderBackend(Workflows, Recipes, Configurations, Lifecycles, Findings, Scheduled, Tagging):
    """Implementation of Image Builder APIs of one account and Region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        seeds.plant(self)


imagebuilder_backends = BackendDict(
    ImageBuilderBackend, "imagebuilder", use_boto3_regions=False, additional_regions=REGIONS
)
