"""Wires each function: the only place that reads the environment and makes clients, once per sandbox."""

from functools import cache

from hopcount_shared.aws import client
from hopcount_shared.events import EventPublisher
from hopcount_shared.settings import load_settings
from hopcount_shared.times import utc_now
from web.files import Files
from web.service import Service, describe_service
from web.settings import CollectSettings, ServiceSettings
from web.usage_service import UsageCollector, UsageCounter


@cache
def files() -> Files:
    """Wire what is answered as it is."""
    return Files()


@cache
def service() -> Service:
    """Wire `get_service`."""
    return describe_service(load_settings(ServiceSettings), files().scopes())


@cache
def usage_collector() -> UsageCollector:
    """Wire `collect_events`. What it tells matters little: it gives up soon, and bothers nobody for long."""
    bus = client("events", read_timeout=2, attempts=2)
    return UsageCollector(
        EventPublisher(bus, load_settings(CollectSettings).event_bus_name, attempts=2), utc_now
    )


@cache
def usage_counter() -> UsageCounter:
    """Wire `count_usage`."""
    return UsageCounter()
