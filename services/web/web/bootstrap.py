"""Wires each function: the only place that reads the environment, once per sandbox."""

from functools import cache

from hopcount_shared.settings import load_settings
from web.files import Files
from web.service import Service, describe_service
from web.settings import ServiceSettings


@cache
def files() -> Files:
    """Wire what is answered as it is."""
    return Files()


@cache
def service() -> Service:
    """Wire `get_service`."""
    return describe_service(load_settings(ServiceSettings), files().scopes())
