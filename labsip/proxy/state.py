"""What a module keeps in one proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labsip.proxy.receive import Proxy


class State:
    """A module's state in one proxy, made when that begins. What it does besides serving commands are its hooks."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
