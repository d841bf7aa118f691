"""Wires each function: the only place that reads the environment and makes clients, once per sandbox."""

from functools import cache

from hopcount_shared.aws import client
from hopcount_shared.events import EventPublisher
from hopcount_shared.settings import load_settings
from hopcount_shared.times import utc_now
from users.domain.sign_up import SignUpCheck
from users.repository import DynamoUsers
from users.service import LinkCounter, Profile, Registration
from users.settings import CountSettings, ReadSettings, RegisterSettings, SignUpSettings


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
