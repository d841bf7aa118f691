"""What a patch is, and the check that its target is still the code it was written against."""

import hashlib
import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


class PatchTargetChangedError(RuntimeError):
    """A patch no longer fits: its target is missing or its source has changed."""


@dataclass(frozen=True)
class Target:
    """One function, class or method of the emulator that a patch replaces or leans on.

    Parameters
    ----------
    module
        Dotted name of the module.
    name
        Qualified name inside it, such as ``Worker.invoke``.
    fingerprint
        First 12 hexadecimal digits of the SHA-256 of its source text.
    """

    module: str
    name: str
    fingerprint: str


@dataclass(frozen=True)
class Patch:
    """A named, self-contained change to the running emulator."""

    name: str
    targets: tuple[Target, ...]
    apply: Callable[[], None]


def targets_in(module: str, fingerprints: Mapping[str, str]) -> tuple[Target, ...]:
    """Return the targets of one module from their names and fingerprints."""
    return tuple(Target(module, name, fingerprint) for name, fingerprint in fingerprints.items())


def fingerprint_of(module: str, name: str) -> str:
    """Return the fingerprint of the source now installed; raise `LookupError` where there is none."""
    try:
        found: object = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        source = inspect.getsource(found)  # type: ignore[arg-type]  # a TypeError is one of the answers
    except (ImportError, AttributeError, TypeError, OSError) as error:
        raise LookupError(f"{module}:{name} is missing") from error
    return hashlib.sha256(source.encode()).hexdigest()[:12]


def check(patch: Patch) -> None:
    """Raise `PatchTargetChangedError`, naming the patch, unless every target is as it was written for."""
    for target in patch.targets:
        try:
            actual = fingerprint_of(target.module, target.name)
        except LookupError as error:
            raise PatchTargetChangedError(f"patch '{patch.name}' cannot be applied: {error}") from error
        if actual != target.fingerprint:
            raise PatchTargetChangedError(
                f"patch '{patch.name}' cannot be applied: {target.module}:{target.name} has changed "
                f"(fingerprint {actual}, written for {target.fingerprint})"
            )


def apply_all(patches: Iterable[Patch]) -> None:
    """Check every patch first, while nothing is replaced yet, then apply them in order."""
    chosen = list(patches)
    for patch in chosen:
        check(patch)
    for patch in chosen:
        patch.apply()
