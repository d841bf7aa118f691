"""What only a browser has, as Pyodide reaches it from its worker. Nothing here is imported elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from hopcount_app.store.channel import Message


class BrowserChannel:
    """Messages to the other tabs of this browser, over a `BroadcastChannel`.

    Parameters
    ----------
    name
        Tabs hear each other where it is the same.
    """

    def __init__(self, name: str) -> None:
        from js import BroadcastChannel  # noqa: PLC0415  there in a browser alone

        self._channel: Any = BroadcastChannel.new(name)

    def post(self, message: Message) -> None:
        """Tell the other tabs."""
        from js import Object  # noqa: PLC0415
        from pyodide.ffi import to_js  # noqa: PLC0415

        self._channel.postMessage(to_js(dict(message), dict_converter=Object.fromEntries))

    def subscribe(self, listener: Callable[[Message], None]) -> Callable[[], None]:
        """Hear what other tabs tell, until what is returned is called."""
        from pyodide.ffi import create_proxy  # noqa: PLC0415

        here = copy_context()  # the browser calls from nowhere: whoever draws has to know in which page

        def heard(event: Any) -> None:
            message = {str(name): str(value) for name, value in event.data.to_py().items()}
            here.copy().run(listener, message)

        proxy = create_proxy(heard)
        self._channel.addEventListener("message", proxy)
        return lambda: self._channel.removeEventListener("message", proxy)


def since_opened() -> float | None:
    """Return how many milliseconds ago the page was opened, as its loader said."""
    import js  # noqa: PLC0415

    opened_at = getattr(js, "openedAt", None)
    return None if opened_at is None else float(js.Date.now() - opened_at)


def wants_no_usage() -> bool:
    """Tell whether this browser says that nobody shall be counted: Global Privacy Control, Do Not Track."""
    from js import navigator  # noqa: PLC0415

    gpc = getattr(navigator, "globalPrivacyControl", False)
    return bool(gpc) or str(getattr(navigator, "doNotTrack", "")) == "1"
