"""A service's environment, typed and checked once."""

import os
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from hopcount_shared.errors import SettingsError


class Settings(BaseModel):
    """Base of a service's settings: each field `like_this` is read from the variable `LIKE_THIS`.

    A field that names a resource has no default: a wrong table is worse than a failed start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


S = TypeVar("S", bound=Settings)


def load_settings(model: type[S], environ: Mapping[str, str] | None = None) -> S:
    """Read and check a service's settings.

    Parameters
    ----------
    model
        The settings class.
    environ
        Variables by name; the process's own by default.

    Raises
    ------
    SettingsError
        Naming each variable that is missing or wrong, never its value.
    """
    source = os.environ if environ is None else environ
    given = {name: source[name.upper()] for name in model.model_fields if name.upper() in source}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        problems = [f"{_name(e['loc'])} {e['msg']}" for e in error.errors(include_input=False)]
        raise SettingsError("; ".join(problems)) from None


def _name(where: tuple[int | str, ...]) -> str:
    return str(where[0]).upper() if where else "settings:"
