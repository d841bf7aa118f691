"""`hopcount`, also as `python -m hopcount_cli`."""

from hopcount_cli.app import app


def main() -> None:
    """Run the command line."""
    app(prog_name="hopcount")


if __name__ == "__main__":
    main()
