"""The commands that the pages show: which are run, which are looked at, and whether there are such commands.

- A `sh` block is run, in the order of its page, in one shell: what one block sets, the next one has.
- `make` in it is looked at and not run: the targets are the product's start and its tests, run elsewhere.
- A block that cannot be run here says why, visibly: `<!-- not run: REASON -->` before it. It is looked at:
  programs, their commands and their options have to exist.
"""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader
from typer.main import get_command

from hopcount_cli.app import app
from tests.docs.markdown import Block, blocks, name, pages
from tests.support.stack import ROOT

Words = Sequence[str]

PLAIN = {"cat", "cd", "curl", "echo", "eval", "export", "git", "jq", "mkdir", "pipx", "read", "source", "uv"}
"""Programs that are not ours to look into."""

PARTS_OF_THE_AWS_CLI = {"output", "query", "cli-binary-format", "no-cli-pager", "region", "profile"}
_AWS = Loader()


_SUBSTITUTION = r"\$\(([^()]*)\)"


def shown() -> list[Block]:
    """Return every block of shell commands of every page but the runbooks."""
    return [
        block
        for page in pages()
        if page.parent.name != "runbooks"
        for block in blocks(name(page), page.read_text())
        if block.language in {"sh", "bash", "console"}
    ]


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each simple command in a shell text, those within `$(...)` too."""
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        for inner in re.findall(_SUBSTITUTION, line):
            yield from commands(inner)
        lexer = shlex.shlex(re.sub(_SUBSTITUTION, "...", line), posix=True, punctuation_chars=";|&")
        lexer.whitespace_split = True
        command: list[str] = []
        for word in lexer:
            if set(word) <= set(";|&"):
                if command:
                    yield command
                command = []
            elif command or not re.match(r"\w+=", word):
                command.append(word)
        if command:
            yield command


def problem(words: Words) -> str | None:
    """Return why there is no such command, or nothing if there is."""
    program = words[0].rpartition("/")[2]
    if program == "npx":
        return _serverless(words[1:])
    look = {"make": _make, "aws": _aws, "hopcount": _hopcount, "python": _module}.get(program)
    if look is None:
        return None if program in PLAIN else f"unknown program {program}"
    return look(words[1:])


def targets() -> set[str]:
    """Return the Makefile's targets."""
    text = (ROOT / "Makefile").read_text()
    services = re.search(r"^SERVICES := (.*)$", text, re.MULTILINE)
    assert services
    declared = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    return {*" ".join(declared).split(), *(f"test-{service}" for service in services[1].split())}


def _make(words: Words) -> str | None:
    missing = {word for word in words if "=" not in word and not word.startswith("-")} - targets()
    return f"no target {', '.join(sorted(missing))}" if missing else None


def _module(words: Words) -> str | None:
    if words[0] != "-m":
        return f"python {words[0]}: a command has to be short"
    known = find_spec(words[1].partition(".")[0]) or (ROOT / "local" / "aws" / words[1]).exists()
    return None if known else f"no module {words[1]}"


def _aws(words: Words) -> str | None:
    service, operation, *rest = words
    model = _AWS.load_service_model(service, "service-2")
    operations = {xform_name(known, "-"): known for known in model["operations"]}
    if operation not in operations:
        return f"aws {service} has no {operation}"
    shape = model["operations"][operations[operation]].get("input", {}).get("shape")
    members = {xform_name(member, "-") for member in model["shapes"][shape]["members"]} if shape else set()
    for word in rest:
        option = word.removeprefix("--").partition("=")[0]
        known = {option, option.removeprefix("no-")} & (members | PARTS_OF_THE_AWS_CLI)
        if word.startswith("--") and not known:
            return f"aws {service} {operation} has no {word}"
    return None


def _hopcount(words: Words) -> str | None:
    command, rest = command_of_ours(words)
    if rest and not rest[0].startswith("-") and hasattr(command, "get_command"):
        return f"hopcount has no {rest[0]}"
    known = {o for parameter in command.params for o in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help"
    }
    unknown = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in known]
    return f"hopcount {command.name} has no {unknown[0]}" if unknown else None


def command_of_ours(words: Words) -> tuple[Any, list[str]]:
    """Return what `hopcount ...` calls, as far as there is such a command, and the words that are left."""
    command: Any = get_command(app)
    rest = list(words)
    while rest and hasattr(command, "get_command"):
        if rest[0].partition("=")[0] == "--url":
            rest = rest[1:] if "=" in rest[0] else rest[2:]
        elif inner := command.get_command(None, rest[0]):
            command, rest = inner, rest[1:]
        else:
            break
    return command, rest


def _serverless(words: Words) -> str | None:
    program, *rest = words
    helps: dict[str, Callable[[], str]] = {"osls-compose": _compose_help, "serverless": _serverless_help}
    if program not in helps:
        return f"npx {program} is not one of {', '.join(helps)}"
    help_text = helps[program]()
    verb = next((word for word in rest if not word.startswith("-")), "")
    if not re.search(rf"^{re.escape(verb)} ", help_text, re.MULTILINE):
        return f"npx {program} has no {verb}"
    for word in rest:
        option = word.partition("=")[0]
        if option.startswith("--") and f"{option} " not in help_text:
            return f"npx {program} {verb} has no {option}"
    return None


@cache
def _compose_help() -> str:
    return _help(["osls-compose", "--help"], ".")


@cache
def _serverless_help() -> str:
    # The programs' own words; `deploy` and `remove` have further options that no page shows.
    return "".join(_help(["serverless", *verb, "--help"], "services/links") for verb in ([], ["deploy"]))


def _help(command: list[str], folder: str) -> str:
    ran = subprocess.run(
        ["npx", "--no-install", *command], cwd=ROOT / folder, capture_output=True, text=True, check=True
    )
    return ran.stdout


def script(page_blocks: Sequence[Block], replaced: dict[str, str]) -> str:
    """Return what runs a page's blocks in one shell, and says in the end which one failed.

    Parameters
    ----------
    page_blocks
        Of one page, in order.
    replaced
        What a page shows, and what it is here: the default addresses, and those of this run.
    """
    lines = ["set -euo pipefail", """trap 'echo "failed: $BLOCK" >&2' ERR"""]
    for block in page_blocks:
        if block.not_run is None:
            lines += [f"BLOCK={shlex.quote(block.place)}", *_run_lines(block)]
    text = "\n".join(lines) + "\n"
    for what, here in replaced.items():
        text = text.replace(what, here)
    return text


def _run_lines(block: Block) -> Iterator[str]:
    return (line for line in typed(block) if not re.match(r"\s*make\b", line))


def looked_at(block: Block) -> list[list[str]]:
    """Return the commands of a block that are not run: all of them, or `make`."""
    lines = typed(block)
    if is_run(block):
        lines = [line for line in lines if re.match(r"\s*make\b", line)]
    return list(commands("\n".join(lines)))


def typed(block: Block) -> list[str]:
    """Return the lines that a reader types: in a `console` block those behind a prompt."""
    lines = block.text.splitlines()
    if block.language != "console":
        return lines
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def is_run(block: Block) -> bool:
    """Tell whether anything of a block is left to run."""
    return block.not_run is None and any(line.split("#")[0].strip() for line in _run_lines(block))
