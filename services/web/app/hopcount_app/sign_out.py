"""Leaving on purpose, which is not the same as a session that ends while somebody works."""

from __future__ import annotations

from hopcount_app import navigation as to
from hopcount_app.api_service.errors import ServiceError
from hopcount_app.services import Services


async def sign_out(services: Services, *, everywhere: bool = False) -> None:
    """End the session, here or on all devices, and show the sign-in.

    Raises
    ------
    hopcount_app.api_service.errors.ServiceError
        If the others could not be ended.
    """
    services.session.left = True
    try:
        await services.auth.sign_out(everywhere=everywhere)
    except ServiceError:
        services.session.left = services.auth.account is None
        raise
    to.go(to.SIGN_IN)
