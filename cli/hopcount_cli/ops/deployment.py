"""A deployment, as its stacks export it to SSM: `/hopcount/{stage}/{service}/{name}`."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.counting.counters import CounterTables
from analytics.domain.clicks import Provable
from hopcount_cli.errors import DeploymentError, UsageError
from hopcount_shared.times import from_iso

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

_STAGE = re.compile(r"[A-Za-z0-9-]{1,64}")


class Deployment:
    """What a deployment exports.

    Parameters
    ----------
    stage
        Its stage.
    parameters
        What it exports, by names such as `analytics/click-queue-url`.
    """

    def __init__(self, stage: str, parameters: Mapping[str, str]) -> None:
        self.stage = stage
        self._parameters = parameters

    @classmethod
    def find(cls, ssm: "SSMClient", stage: str) -> "Deployment":
        """Read what a stage exports.

        Raises
        ------
        hopcount_cli.errors.CommandError
            If the stage cannot be one, or nothing is deployed as it.
        """
        if not _STAGE.fullmatch(stage):
            raise UsageError(f"--stage: {stage!r} cannot be a stage")
        prefix = f"/hopcount/{stage}/"
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=prefix, Recursive=True)
        parameters = {
            parameter["Name"].removeprefix(prefix): parameter["Value"]
            for page in pages
            for parameter in page["Parameters"]
        }
        if not parameters:
            raise DeploymentError(
                f"no Hopcount is deployed as stage {stage!r} in {ssm.meta.region_name} (--stage, AWS_REGION)"
            )
        return cls(stage, parameters)

    def __getitem__(self, name: str) -> str:
        try:
            return self._parameters[name]
        except KeyError:
            raise DeploymentError(
                f"stage {self.stage!r} does not export {name}: deploy its services again"
            ) from None

    def __contains__(self, name: str) -> bool:
        return name in self._parameters

    def ending(self, *endings: str) -> Mapping[str, str]:
        """Return what it exports under names that end like this, by name."""
        return {name: value for name, value in sorted(self._parameters.items()) if name.endswith(endings)}

    @property
    def horizon(self) -> timedelta:
        """For how long clicks can be proved."""
        return timedelta(days=int(self["analytics/click-horizon-days"]))

    @property
    def provable(self) -> Provable:
        """Which clicks can be proved not to have been counted before."""
        return Provable(self.horizon, from_iso(self["analytics/clicks-provable-since"]))

    @property
    def counters(self) -> CounterTables:
        """The tables of the counters."""
        return CounterTables(
            links=self["links/table-name"],
            days=self["analytics/daily-stats-table-name"],
            users=self["users/table-name"],
        )
