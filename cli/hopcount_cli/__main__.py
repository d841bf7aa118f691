"""`hopcount`, also as `python -m hopcount_cli`."""

import sys

from hopcount_cli.errors import INTERRUPTED


def main() -> None:
    """Run the command line."""
    try:
        from hopcount_cli.app import app  # noqa: PLC0415  Ctrl-C may come while it is imported

        for stream in (sys.stdout, sys.stderr):
            # A terminal that lacks a character is no reason to fail.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        app(prog_name="hopcount")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
