"""What a form holds while somebody fills it in: values, what is wrong with them, whether it is being sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from hopcount_app.api_service.errors import InvalidError, ServiceError

Check = Callable[[str], str | None]
"""Returns what is wrong with a value, in words, or `None`."""


@dataclass
class FormState:
    """The values of a form.

    Parameters
    ----------
    checks
        What to check each field with, by name, in the order of the form.
    values
        What is typed so far.
    errors
        What is wrong, by field.
    problem
        What is wrong with the whole.
    busy
        Whether it is being sent.
    """

    checks: Mapping[str, Check]
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    busy: bool = False

    def value(self, name: str) -> str:
        """Return what is typed in a field."""
        return self.values.get(name, "")

    def type(self, name: str, value: str) -> None:
        """Take what was typed; an error that is shown goes as soon as it is mended."""
        self.values[name] = value
        if name in self.errors:
            self._check(name)

    def leave(self, name: str) -> None:
        """Check a field that was left, or is not typed on, but do not blame anybody for one still empty."""
        if self.value(name):
            self._check(name)

    def check(self) -> bool:
        """Check every field; tell whether the form can be sent."""
        self.problem = ""
        for name in self.checks:
            self._check(name)
        return not self.errors

    def forget(self, names: Iterable[str]) -> None:
        """Empty some fields: what is secret is not kept longer than it takes."""
        for name in names:
            self.values.pop(name, None)

    def refuse(self, error: ServiceError) -> None:
        """Show why a backend refused: at the fields that it names, else above the form."""
        told = error.fields if isinstance(error, InvalidError) else {}
        self.errors = {name: text for name, text in told.items() if name in self.checks}
        self.problem = "" if self.errors else error.message

    def first_wrong(self) -> str | None:
        """Return the first field with an error; of a form refused as a whole, the last field."""
        for name in self.checks:
            if name in self.errors:
                return name
        return list(self.checks)[-1] if self.problem and self.checks else None

    def _check(self, name: str) -> None:
        wrong = self.checks[name](self.value(name))
        if wrong:
            self.errors[name] = wrong
        else:
            self.errors.pop(name, None)
