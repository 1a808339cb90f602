"""What is read once, and what is not."""

from __future__ import annotations

from labsip.sip.memo import LONGEST, remembered


def test_a_short_text_is_read_once_and_a_long_one_each_time() -> None:
    read: list[str] = []

    @remembered(2)
    def size(text: str) -> int:
        read.append(text)
        return len(text)

    longest, longer = "x" * LONGEST, "x" * (LONGEST + 1)
    assert [size(text) for text in (longest, longest, longer, longer)] == [LONGEST] * 2 + [LONGEST + 1] * 2
    assert read == [longest, longer, longer]
