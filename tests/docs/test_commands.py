"""Every command that a page shows is run, or looked at; and looking finds what is not there."""

import subprocess

import pytest

from tests.docs.commands import commands, looked_at, problem, script, shown
from tests.docs.markdown import Block, blocks

PAGE = """\
# A page

```sh
make up      # starts it
NAME=there
```

<!-- not run: it needs an account -->
```sh
aws ssm get-parameter \\
  --name /hopcount/dev/platform/http-api-url
```

1. In a list:

   ```sh
   echo "$NAME"
   ```

```json
{}
```

```console
$ echo two; echo http://127.0.0.1:8080
two
```
"""


def test_blocks_are_found_with_their_place_and_reason() -> None:
    found = list(blocks("page.md", PAGE))
    assert [(block.language, block.line, block.not_run) for block in found] == [
        ("sh", 4, None),
        ("sh", 10, "it needs an account"),
        ("sh", 17, None),
        ("json", 21, None),
        ("console", 25, None),
    ]
    assert found[0].place == "page.md:4"


def test_a_reason_speaks_of_the_next_block_alone() -> None:
    text = "<!-- not run: it needs an account -->\nWords.\n\n```sh\necho\n```\n"
    assert next(blocks("page.md", text)).not_run is None


def test_a_pages_blocks_share_one_shell_without_make() -> None:
    page = [block for block in blocks("page.md", PAGE) if block.language in {"sh", "console"}]
    text = script(page, {"http://127.0.0.1:8080": "http://127.0.0.1:9999"})
    ran = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["there", "two", "http://127.0.0.1:9999"]


def test_a_failure_says_where() -> None:
    page = [Block("page.md", 1, "sh", "true\n"), Block("page.md", 9, "sh", "false\n")]
    ran = subprocess.run(["bash", "-c", script(page, {})], capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert "failed: page.md:9" in ran.stderr


def test_a_line_is_taken_apart_into_its_commands() -> None:
    text = (
        'export A=1 B=2 # why\nTOKEN=$(aws ssm get-parameter) curl -s "$URL;" | jq . && cd x; make \\\n  up\n'
    )
    assert list(commands(text)) == [
        ["export", "A=1", "B=2"],
        ["aws", "ssm", "get-parameter"],
        ["curl", "-s", "$URL;"],
        ["jq", "."],
        ["cd", "x"],
        ["make", "up"],
    ]


@pytest.mark.parametrize(
    "line",
    [
        "make up test-links SCHEDULES=3",
        "aws ssm get-parameter --name x --query y",
        "hopcount ops verify --all --repair",
        ".venv/bin/hopcount ops replay --from T --dry-run",
        "npx osls-compose deploy --stage dev",
        "npx serverless deploy --stage dev --param=x=y",
    ],
)
def test_what_there_is_has_no_problem(line: str) -> None:
    assert problem(line.split()) is None


@pytest.mark.parametrize(
    "line",
    [
        "make upp",
        "aws ssm fetch-parameter",
        "aws ssm get-parameter --nam x",
        "hopcount ops verifi",
        "hopcount ops verify --al",
        "npx osls-compose deplo --stage dev",
        "npx serverless deploy --stag dev",
        "npx other",
        "rm -rf x",
        "python -m unknown",
    ],
)
def test_what_there_is_not_has_one(line: str) -> None:
    assert problem(line.split())


@pytest.mark.parametrize("block", shown(), ids=lambda block: block.place)
def test_every_command_of_a_page_is_one(block: Block) -> None:
    found = [(words, problem(words)) for words in looked_at(block)]
    assert [command for command in found if command[1]] == []


@pytest.mark.parametrize(
    "block", [b for b in shown() if b.not_run is not None], ids=lambda block: block.place
)
def test_what_is_not_run_has_a_reason(block: Block) -> None:
    assert block.not_run
    assert len(block.not_run.split()) >= 3
