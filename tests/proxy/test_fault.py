"""What a node raised, told apart from a person's Ctrl-C."""

from __future__ import annotations

import signal

from labsip.proxy.fault import interrupted


def test_an_interrupt_is_told_apart_from_a_route_that_raises_one() -> None:
    def raised() -> None:
        raise KeyboardInterrupt

    def pressed() -> None:
        signal.raise_signal(signal.SIGINT)

    def passed_on() -> None:
        try:
            pressed()
        except KeyboardInterrupt:
            raise

    found = []
    for act in (raised, pressed, passed_on, lambda: exec("1 / 0")):
        try:
            act()
        except BaseException as error:
            found.append(interrupted(error))
    assert found == [False, True, True, False]
