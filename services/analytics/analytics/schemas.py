"""Statistics as JSON, for those who read them: what is answered is held to it."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from analytics.domain.periods import UTC_NAME, Interval
from hopcount_shared.documented import Responses, answer

Number = Annotated[int, Field(ge=0)]
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
People = Annotated[dict[str, Number], Field(description="Clicks of people by value, most first.")]

LinkId = Annotated[str, Path(description="The link's code or alias.", examples=["py-docs"])]
First = Annotated[
    str | None,
    Query(
        alias="from",
        description="The first day, in the zone; by default thirty days end with `to`.",
        examples=["2026-02-01"],
        json_schema_extra={"format": "date"},
    ),
]
Last = Annotated[
    str | None,
    Query(
        alias="to",
        description="The last day; by default today.",
        examples=["2026-02-28"],
        json_schema_extra={"format": "date"},
    ),
]
Zone = Annotated[
    str, Query(description="Whose days: the IANA name of a time zone.", examples=["Europe/Zurich", UTC_NAME])
]
Step = Annotated[
    str,
    Query(
        description="What one entry of the series covers; hours for at most 31 days, days for 366.",
        json_schema_extra={"enum": [interval.value for interval in Interval]},
    ),
]

CSV_EXAMPLE = "date,clicks,botClicks\r\n2026-02-28,2,1\r\n2026-03-01,3,0\r\n"


class _View(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


class DayClicks(_View):
    """A day's clicks."""

    date: Day
    clicks: Number
    bot_clicks: Number


class HourClicks(_View):
    """An hour's clicks."""

    time: Annotated[
        str, Field(description="When it begins, in the zone.", json_schema_extra={"format": "date-time"})
    ]
    clicks: Number
    bot_clicks: Number


class LinkClicks(_View):
    """A link and its clicks in the period."""

    id: str
    clicks: Number
    bot_clicks: Number


class Figures(_View):
    """What was counted here since this engine counts, links that are gone included."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"clicks": 48210, "botClicks": 9311}]})

    clicks: Annotated[Number, Field(description="Of people.")]
    bot_clicks: Annotated[Number, Field(description="Of machines.")]


class Breakdowns(_View):
    """Who it was that followed, people alone, on the UTC days of these dates."""

    country: People
    device: People
    browser: People
    os: People
    referrer: People
    language: People


# The parts of a report, in the order in which it tells them.


class _Link(_View):
    id: Annotated[str, Field(description="The link's code or alias.")]


class _Period(_View):
    first: Annotated[Day, Field(alias="from", description="The first day.")]
    last: Annotated[Day, Field(alias="to", description="The last day.")]
    tz: str
    zone_is_exact: Annotated[
        bool, Field(description="`false` if hours begin at odd minutes there, and days are nearly right.")
    ]
    interval: Interval


class _Links(_View):
    links: Annotated[Number, Field(description="How many links they have or had.")]
    links_followed: Annotated[Number, Field(description="How many of them were ever followed.")]
    links_in_series: Annotated[Number, Field(description="How many of those the series covers.")]


class _Counts(_View):
    clicks: Annotated[Number, Field(description="Of people, in the period.")]
    bot_clicks: Annotated[Number, Field(description="Of machines, in the period.")]
    total_clicks: Annotated[Number, Field(description="Of people, since ever.")]
    total_bot_clicks: Annotated[Number, Field(description="Of machines, since ever.")]


class _Top(_View):
    top: Annotated[list[LinkClicks], Field(description="The links followed most in the period.")]


class _Details(_View):
    series: Annotated[list[DayClicks] | list[HourClicks], Field(description="Without gaps.")]
    breakdowns: Breakdowns


_PERIOD_EXAMPLE: dict[str, Any] = {
    "from": "2026-02-28",
    "to": "2026-03-01",
    "tz": "Europe/Zurich",
    "zoneIsExact": True,
    "interval": "day",
}
_COUNTS_EXAMPLE: dict[str, Any] = {"clicks": 5, "botClicks": 1, "totalClicks": 9, "totalBotClicks": 4}
_DETAILS_EXAMPLE: dict[str, Any] = {
    "series": [
        {"date": "2026-02-28", "clicks": 2, "botClicks": 1},
        {"date": "2026-03-01", "clicks": 3, "botClicks": 0},
    ],
    "breakdowns": {
        "country": {"CH": 3, "AT": 2},
        "device": {"mobile": 4, "desktop": 1},
        "browser": {"Firefox": 5},
        "os": {"Android": 4, "Linux": 1},
        "referrer": {"direct": 5},
        "language": {"de": 5},
    },
}


class LinkStats(_Details, _Counts, _Period, _Link):
    """A link's clicks."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "py-docs", **_PERIOD_EXAMPLE, **_COUNTS_EXAMPLE, **_DETAILS_EXAMPLE}]
        }
    )


class AccountStats(_Details, _Top, _Counts, _Links, _Period):
    """The clicks of all links that somebody ever had."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_PERIOD_EXAMPLE,
                    "links": 12,
                    "linksFollowed": 9,
                    "linksInSeries": 9,
                    **_COUNTS_EXAMPLE,
                    "top": [{"id": "py-docs", "clicks": 4, "botClicks": 1}],
                    **_DETAILS_EXAMPLE,
                }
            ]
        }
    )


def statistics_answer(model: type[BaseModel]) -> Responses:
    """Describe statistics: JSON, or CSV of the series for those who prefer it."""
    content = {
        "application/json": {"model": model},
        "text/csv": {"schema": {"type": "string", "examples": [CSV_EXAMPLE]}},
    }
    return answer(200, "The statistics; the series alone as CSV if `Accept` prefers it.", content=content)
