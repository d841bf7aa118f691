"""Who may sign up."""

import re
from collections.abc import Set
from enum import StrEnum

from hopcount_shared.errors import ForbiddenError

_PLAIN_ADDRESS = re.compile(r"[!-~]+@([0-9A-Za-z.-]+)", re.ASCII)
_NOT_IN_LOCAL_PART = frozenset('@,;:<>()[]\\"')


class SignUpPolicy(StrEnum):
    """Who may sign up without being invited."""

    OPEN = "open"
    DOMAINS = "domains"
    INVITATION = "invitation"


class SignUpRefusedError(ForbiddenError):
    """Sign-up is refused. The message is shown to whoever tried, and never holds their address."""


def check_domain(email: str, allowed: Set[str]) -> None:
    """Refuse an address whose domain is not one of `allowed`.

    The domain is everything after the last `@`, compared whole and without regard to case. An address that
    a mail server might read in another way (two addresses in one, quotes, letters that only look like ASCII)
    is refused: it could pass here and be delivered elsewhere.

    Raises
    ------
    SignUpRefusedError
        If the address is unusual or its domain is not allowed.
    """
    local_part, _, _ = email.rpartition("@")
    match = _PLAIN_ADDRESS.fullmatch(email)
    if not match or _NOT_IN_LOCAL_PART & set(local_part) or match[1].lower() not in allowed:
        raise SignUpRefusedError("sign-up is limited to certain email domains, and yours is not one of them")


class SignUpCheck:
    """Decides who may sign up.

    Parameters
    ----------
    policy
        Who may, in general.
    domains
        Email domains, in lower case; only the policy `domains` looks at them.
    """

    def __init__(self, policy: SignUpPolicy, domains: Set[str]) -> None:
        self._policy = policy
        self._domains = domains

    def check(self, email: str, *, invited: bool) -> None:
        """Let an address sign up; whoever an administrator creates always may.

        Raises
        ------
        SignUpRefusedError
            If this address may not.
        """
        if invited or self._policy is SignUpPolicy.OPEN:
            return
        if self._policy is SignUpPolicy.INVITATION:
            raise SignUpRefusedError("sign-up is by invitation only, ask an administrator for one")
        check_domain(email, self._domains)
