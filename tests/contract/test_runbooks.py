"""Whoever is woken by an alarm finds its page, and no page is for an alarm that is gone."""

import os
import re
import shlex
from pathlib import Path

import pytest

from tests.contract.rules import resources
from tests.docs.commands import command_of_ours, problem
from tests.support.stack import ROOT

RUNBOOKS = ROOT / "docs" / "runbooks"
INDEX = RUNBOOKS / "README.md"
PAGES = {path.stem: path.read_text() for path in RUNBOOKS.glob("*.md") if path != INDEX}
PREFIX = "hopcount-${sls:stage}-"
SECTIONS = ("What it means", "Who notices", "Look", "Mend", "It is over when")


def alarms() -> dict[str, str]:
    """Return the descriptions of every service's alarms, by their names without product and stage."""
    found: dict[str, str] = {}
    for path in sorted(ROOT.glob("services/*/infra/alarms.yml")):
        for resource in resources(path.parents[1].name, path.name).values():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                properties = resource["Properties"]
                assert properties["AlarmName"].startswith(PREFIX), properties["AlarmName"]
                name = properties["AlarmName"].removeprefix(PREFIX)
                assert name not in found, f"two alarms are called {name}"
                found[name] = properties["AlarmDescription"]
    return found


def test_every_alarm_has_a_page_and_every_page_an_alarm() -> None:
    assert set(PAGES) == set(alarms())


@pytest.mark.parametrize("name", sorted(alarms()))
def test_an_alarm_names_its_page(name: str) -> None:
    said, page = alarms()[name].rsplit(" Runbook: ", 1)
    assert page.strip() == f"docs/runbooks/{name}.md"
    assert len(said) > 10


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_says_what_to_do(name: str) -> None:
    page = PAGES[name]
    assert page.startswith(f"# {name}\n")
    assert tuple(re.findall(r"^## (.*)$", page, re.MULTILINE)) == SECTIONS
    for section in re.split(r"^## .*$", page, flags=re.MULTILINE)[1:]:
        assert section.strip()


def test_the_index_lists_every_page() -> None:
    assert sorted(re.findall(r"^\| \[([\w-]+)\]\(\1\.md\) ", INDEX.read_text(), re.MULTILINE)) == sorted(
        PAGES
    )


@pytest.mark.parametrize("path", [INDEX, *sorted(RUNBOOKS.glob("*.md"))], ids=lambda path: path.stem)
def test_a_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target


def commands(page: str, program: str) -> list[list[str]]:
    """Return the arguments of each call of a program in a page's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    pattern = re.compile(rf"(?:^|\$\()\s*{program} (.*?)\)?(?: > \S+)?$")
    return [shlex.split(match[1]) for line in lines if (match := pattern.search(line))]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_an_aws_command_is_one(name: str) -> None:
    found = [problem(["aws", *words]) for words in commands(PAGES[name], "aws")]
    assert [wrong for wrong in found if wrong] == []


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_command_of_ours_is_one(name: str) -> None:
    for words in commands(PAGES[name], "hopcount"):
        command, rest = command_of_ours(words)
        arguments = [os.devnull if word == "clicks.log" else word for word in rest]
        with command.make_context(command.name, arguments) as context:
            assert context.params["stage"] == "$STAGE"


def names_in(text: str) -> set[str]:
    """Return the names of resources that a text mentions, with `$STAGE` for the stage."""
    text = text.replace("${sls:stage}", "$STAGE").replace("/aws/lambda/", " ")
    return set(re.findall(r"(?<![\w/])/?hopcount[-/][\w$/-]*\$STAGE[\w$/-]*\w", text))


def test_a_page_names_what_there_is() -> None:
    files = [*ROOT.glob("services/*/serverless.yml"), *ROOT.glob("services/*/infra/*.yml")]
    known = names_in("".join(path.read_text() for path in files))
    known |= {f"hopcount-{path.parent.name}-$STAGE" for path in ROOT.glob("services/*/serverless.yml")}
    for name, page in PAGES.items():
        assert names_in(page) <= known, f"{name}: {names_in(page) - known}"
