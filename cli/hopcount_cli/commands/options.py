"""Options and arguments that several commands have."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Url = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="Which Hopcount, for instance https://go.example.com."),
]
Email = Annotated[
    str | None, typer.Option("--email", metavar="ADDRESS", help="Who you are; asked for otherwise.")
]
Code = Annotated[str, typer.Argument(metavar="CODE", help="A link: its code, or its whole short URL.")]
Codes = Annotated[
    list[str], typer.Argument(metavar="CODE...", help="Links: their codes, or their whole short URLs.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
