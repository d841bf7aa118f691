"""What the counting engine relies on and what watches it, read from the compiled template."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.infra.test_resources import referenced
from tests.support.stack import ROOT
from tests.support.templates import Template

DAY = 24 * 3600


@pytest.fixture
def analytics(templates: dict[str, Template]) -> Template:
    return templates["analytics"]


def function(template: Template, name: str) -> Mapping[str, Any]:
    return template.resources("AWS::Lambda::Function")[f"{name}LambdaFunction"]


def environment(template: Template, name: str) -> Mapping[str, Any]:
    variables: Mapping[str, Any] = function(template, name)["Environment"]["Variables"]
    return variables


def mapping_to(template: Template, name: str) -> Mapping[str, Any]:
    mappings = template.resources("AWS::Lambda::EventSourceMapping").values()
    (found,) = (m for m in mappings if f"{name}LambdaFunction" in json.dumps(m["FunctionName"]))
    return found


def queue(template: Template, name: str) -> Mapping[str, Any]:
    return template.resources("AWS::SQS::Queue")[name]


def test_a_click_outlives_no_claim(templates: dict[str, Template], analytics: Template) -> None:
    """Whatever still delivers a click, its claim is there: else it would have to be refused."""
    (archive,) = templates["platform"].resources("AWS::Events::Archive").values()
    waiting = [queue(analytics, name) for name in ("ClickQueue", "ClickDeadLetterQueue")]
    kept = archive["RetentionDays"] * DAY + sum(one["MessageRetentionPeriod"] for one in waiting)
    for name in ("ConsumeClicks", "FoldCounts"):
        assert int(environment(analytics, name)["CLICK_HORIZON_DAYS"]) * DAY > kept, name


def test_consumers_and_folders_agree(analytics: Template) -> None:
    consumer, folder = environment(analytics, "ConsumeClicks"), environment(analytics, "FoldCounts")
    for name in ("CLICK_LEDGER_TABLE", "CLICK_HORIZON_DAYS", "COUNTING_SHARDS"):
        assert consumer[name] == folder[name], name


def test_everything_is_provable_until_somebody_says_otherwise(analytics: Template) -> None:
    assert environment(analytics, "ConsumeClicks")["CLICKS_PROVABLE_SINCE"] == "1970-01-01T00:00:00Z"


def test_clicks_are_counted_in_large_batches(analytics: Template) -> None:
    mapping = mapping_to(analytics, "ConsumeClicks")
    assert mapping["BatchSize"] == 3000
    assert mapping["MaximumBatchingWindowInSeconds"] == 10
    assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 5, "as many as Lambda has pollers"


def test_the_folder_is_woken_by_consumers_and_by_the_clock(analytics: Template) -> None:
    folds = queue(analytics, "FoldQueue")
    assert folds["DelaySeconds"] == int(environment(analytics, "FoldCounts")["FOLD_DELAY_SECONDS"])
    assert referenced(mapping_to(analytics, "FoldCounts")["EventSourceArn"]) == {"FoldQueue"}
    assert environment(analytics, "ConsumeClicks")["FOLD_QUEUE_URL"] == {"Ref": "FoldQueue"}

    rules = analytics.resources("AWS::Events::Rule").items()
    (schedule,) = ((name, rule) for name, rule in rules if "ScheduleExpression" in rule)
    name, rule = schedule
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
    assert [referenced(target["Arn"]) for target in rule["Targets"]] == [{"FoldCountsLambdaFunction"}]
    permitted = [referenced(p["SourceArn"]) for p in analytics.resources("AWS::Lambda::Permission").values()]
    assert {name} in permitted, "the schedule may not invoke the folder"


def test_a_lease_outlives_whoever_holds_it(analytics: Template) -> None:
    """Else a folder that is only slow would be taken for dead."""
    folder = function(analytics, "FoldCounts")
    assert int(folder["Environment"]["Variables"]["FOLD_LEASE_SECONDS"]) > folder["Timeout"]


def test_what_expires_says_when(analytics: Template) -> None:
    for name in ("ClickLedgerTable", "DailyStatsTable"):
        table = analytics.resources("AWS::DynamoDB::Table")[name]
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}, name


def test_the_ledger_has_the_keys_of_its_items(analytics: Template) -> None:
    table = analytics.resources("AWS::DynamoDB::Table")["ClickLedgerTable"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]


def alarms_of(template: Template) -> dict[str, Mapping[str, Any]]:
    """Return alarms by their names without product and stage."""
    found = template.resources("AWS::CloudWatch::Alarm").values()
    return {alarm["AlarmName"].split("-template-check-")[1]: alarm for alarm in found}


def test_a_folder_that_falls_silent_rings_and_a_new_stage_does_not(analytics: Template) -> None:
    alarm = alarms_of(analytics)["counts-pending"]
    # A new alarm begins in INSUFFICIENT_DATA, and only what changes its state rings.
    assert alarm["TreatMissingData"] == "missing"
    assert alarm["InsufficientDataActions"] == alarm["AlarmActions"]


def test_every_alarm_tells_somebody_and_says_when_it_is_over(templates: dict[str, Template]) -> None:
    for template in templates.values():
        for name, alarm in alarms_of(template).items():
            assert alarm["AlarmActions"], name
            assert alarm["OKActions"] == alarm["AlarmActions"], name


def dashboard(template: Template) -> Mapping[str, Any]:
    """Return the dashboard's body with logical ids where CloudFormation puts names."""
    (properties,) = template.resources("AWS::CloudWatch::Dashboard").values()
    body: Mapping[str, Any] = json.loads(
        re.sub(r"\$\{([\w:.]+)\}", r"\1", properties["DashboardBody"]["Fn::Sub"])
    )
    return body


def written_out(metrics: list[list[Any]]) -> Iterator[list[str]]:
    """Yield metrics without CloudWatch's abbreviations."""
    before: list[str] = []
    for metric in metrics:
        given = [part for part in metric if isinstance(part, str)]
        if given[0] == "...":
            given = before[: len(before) - len(given) + 1] + given[1:]
        before = [before[place] if part == "." else part for place, part in enumerate(given)]
        yield before


def shown(template: Template) -> list[list[str]]:
    widgets = [w["properties"] for w in dashboard(template)["widgets"] if w["type"] == "metric"]
    return [metric for widget in widgets for metric in written_out(widget["metrics"])]


def test_the_dashboard_shows_every_alarm_and_what_it_watches(analytics: Template) -> None:
    (overview,) = (w for w in dashboard(analytics)["widgets"] if w["type"] == "alarm")
    alarms = analytics.resources("AWS::CloudWatch::Alarm")
    assert sorted(overview["properties"]["alarms"]) == sorted(f"{name}.Arn" for name in alarms)
    names = {(namespace, name) for namespace, name, *_ in shown(analytics)}
    assert {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms.values()} <= names


def test_the_dashboard_shows_what_counting_writes(analytics: Template) -> None:
    written = [m[-1] for m in shown(analytics) if m[:2] == ["AWS/DynamoDB", "ConsumedWriteCapacityUnits"]]
    assert len(set(written)) == 4
    assert {"ClickLedgerTable", "DailyStatsTable"} <= set(written)


def test_widgets_do_not_overlap(analytics: Template) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in dashboard(analytics)["widgets"]:
        columns = range(widget["x"], widget["x"] + widget["width"])
        cells = {(x, y) for x in columns for y in range(widget["y"], widget["y"] + widget["height"])}
        assert max(columns) < 24
        assert not taken & cells, widget["properties"]["title"]
        taken |= cells


def test_what_is_watched_is_what_the_functions_emit(analytics: Template) -> None:
    """A metric that nobody emits never rings."""
    handlers = ROOT / "services" / "analytics" / "analytics" / "handlers"
    code = "".join(path.read_text() for path in Path(handlers).glob("*.py"))
    emitted = set(re.findall(r'"((?:Click|Fold|Oldest|Ledger)\w+)"', code))
    on_dashboard = {metric[1] for metric in shown(analytics) if metric[0] == "Hopcount"}
    watched = {
        alarm["MetricName"] for alarm in alarms_of(analytics).values() if alarm["Namespace"] == "Hopcount"
    }
    assert emitted == on_dashboard
    assert watched <= emitted


def test_the_engines_metrics_are_looked_up_as_they_are_emitted(analytics: Template) -> None:
    dimensions = ["service", "analytics", "stage", "template-check"]
    for metric in shown(analytics):
        assert metric[0] != "Hopcount" or metric[2:] == dimensions, metric
    for name, alarm in alarms_of(analytics).items():
        if alarm["Namespace"] == "Hopcount":
            assert [v for d in alarm["Dimensions"] for v in (d["Name"], d["Value"])] == dimensions, name
