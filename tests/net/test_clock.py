"""A beat beside the notebook."""

from __future__ import annotations

from threading import Event

from labsip.net.clock import Ticker


def test_it_beats_until_it_is_told_that_it_is_over() -> None:
    beats: list[int] = []
    over = Event()

    def beat() -> bool:
        beats.append(1)
        if len(beats) == 3:
            over.set()
        return len(beats) < 3

    pulse = Ticker(beat, rate=1000)
    assert over.wait(10)
    pulse.stop()
    assert len(beats) == 3
    assert not pulse.alive


def test_no_beat_begins_after_it_was_stopped() -> None:
    begun = Event()

    def beat() -> bool:
        begun.set()
        return True

    pulse = Ticker(beat, rate=1000)
    assert begun.wait(10)
    pulse.stop()
    assert not pulse._thread.is_alive()


def test_a_beat_may_stop_it() -> None:
    done = Event()
    pulses: list[Ticker] = []
    ready = Event()

    def beat() -> bool:
        ready.wait(10)
        pulses[0].stop()
        done.set()
        return True

    pulses.append(Ticker(beat, rate=1000))
    ready.set()
    assert done.wait(10)
    assert not pulses[0].alive
