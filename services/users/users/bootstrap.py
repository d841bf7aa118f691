"""Wires each function: the only place that reads the environment and makes clients, once per sandbox."""

from functools import cache
from typing import TYPE_CHECKING

from hopcount_shared.aws import client
from hopcount_shared.events import EventPublisher
from hopcount_shared.settings import load_settings
from hopcount_shared.times import utc_now
from users.directory import CognitoDirectory
from users.domain.sign_up import SignUpCheck
from users.repository import DynamoUsers
from users.service import AccountDeletion, LinkCounter, Profile, Registration
from users.settings import (
    AuthorizeSettings,
    CountSettings,
    DeleteAccountSettings,
    ReadSettings,
    RegisterSettings,
    SignUpSettings,
    TokenSettings,
)
from users.suspension import AccountSuspension
from users.token_repository import DynamoTokens
from users.token_service import ApiTokens, TokenCheck

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_events.client import EventBridgeClient


@cache
def sign_up_check() -> SignUpCheck:
    """Wire `check_sign_up`."""
    settings = load_settings(SignUpSettings)
    return SignUpCheck(settings.sign_up_policy, settings.domains)


@cache
def registration() -> Registration:
    """Wire `register_user`."""
    settings = load_settings(RegisterSettings)
    users = DynamoUsers(client("dynamodb"), settings.user_table_name)
    return Registration(users, EventPublisher(client("events"), settings.event_bus_name), utc_now)


@cache
def profile() -> Profile:
    """Wire `get_me`."""
    settings = load_settings(ReadSettings)
    return Profile(DynamoUsers(client("dynamodb"), settings.user_table_name))


@cache
def link_counter() -> LinkCounter:
    """Wire `count_links`."""
    settings = load_settings(CountSettings)
    users = DynamoUsers(client("dynamodb"), settings.user_table_name, settings.internal_table_name)
    return LinkCounter(users, utc_now)


@cache
def api_tokens() -> ApiTokens:
    """Wire `create_token`, `list_tokens` and `delete_token`."""
    settings = load_settings(TokenSettings)
    tokens = DynamoTokens(client("dynamodb"), settings.token_table_name, settings.user_table_name)
    return ApiTokens(tokens, utc_now)


@cache
def token_check() -> TokenCheck:
    """Wire `authorize_token`; it answers for each request, so it gives up soon."""
    settings = load_settings(AuthorizeSettings)
    tokens = DynamoTokens(client("dynamodb", read_timeout=1, attempts=2), settings.token_table_name)
    return TokenCheck(tokens, utc_now, remember=settings.remember)


@cache
def account_deletion() -> AccountDeletion:
    """Wire `delete_account`."""
    settings = load_settings(DeleteAccountSettings)
    return account_deletion_with(client("dynamodb"), client("cognito-idp"), client("events"), settings)


def account_deletion_with(
    dynamodb: "DynamoDBClient",
    cognito: "CognitoIdentityProviderClient",
    events: "EventBridgeClient",
    settings: DeleteAccountSettings,
) -> AccountDeletion:
    """Wire the deletion of accounts for whoever has clients of their own: the operators' command."""
    return AccountDeletion(
        DynamoUsers(dynamodb, settings.user_table_name),
        DynamoTokens(dynamodb, settings.token_table_name, settings.user_table_name),
        CognitoDirectory(cognito, settings.user_pool_id),
        EventPublisher(events, settings.event_bus_name),
        utc_now,
    )


def account_suspension_with(
    dynamodb: "DynamoDBClient",
    cognito: "CognitoIdentityProviderClient",
    user_table_name: str,
    token_table_name: str,
    user_pool_id: str,
) -> AccountSuspension:
    """Wire the disabling of accounts, which operators alone can do: their command has clients of its own."""
    return AccountSuspension(
        DynamoUsers(dynamodb, user_table_name),
        DynamoTokens(dynamodb, token_table_name, user_table_name),
        CognitoDirectory(cognito, user_pool_id),
        utc_now,
    )
