"""What each function reads from its environment."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from hopcount_shared.settings import Settings
from users.domain.sign_up import SignUpPolicy

NO_DOMAINS = "none"
"""How an empty list is written: an SSM parameter cannot be empty."""


class SignUpSettings(Settings):
    """Environment of `check_sign_up`."""

    sign_up_policy: SignUpPolicy
    allowed_email_domains: str

    @property
    def domains(self) -> frozenset[str]:
        """The allowed domains, in lower case."""
        listed = (domain.strip().lower() for domain in self.allowed_email_domains.split(","))
        return frozenset(domain for domain in listed if domain and domain != NO_DOMAINS)

    @model_validator(mode="after")
    def _domains_are_listed(self) -> Self:
        if self.sign_up_policy is SignUpPolicy.DOMAINS and not self.domains:
            raise ValueError("SIGN_UP_POLICY is domains, but ALLOWED_EMAIL_DOMAINS lists none")
        return self


class RegisterSettings(Settings):
    """Environment of `register_user`."""

    user_table_name: str
    event_bus_name: str


class ReadSettings(Settings):
    """Environment of `get_me`."""

    user_table_name: str


class CountSettings(Settings):
    """Environment of `count_links`."""

    user_table_name: str
    internal_table_name: str


class TokenSettings(Settings):
    """Environment of `create_token`, `list_tokens` and `delete_token`."""

    token_table_name: str
    user_table_name: str


class AuthorizeSettings(Settings):
    """Environment of `authorize_token`."""

    token_table_name: str
    # A revoked token is refused within a minute: this, and what it takes to read and to answer.
    remember_token_seconds: Annotated[int, Field(ge=0, le=50)]

    @property
    def remember(self) -> timedelta:
        """For how long a token is not looked up again."""
        return timedelta(seconds=self.remember_token_seconds)


class DeleteAccountSettings(Settings):
    """Environment of `delete_account`."""

    user_table_name: str
    token_table_name: str
    event_bus_name: str
    user_pool_id: str
