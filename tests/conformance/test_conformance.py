"""Every case is played to labsip and to a real Kamailio; what is seen is what its explanation and the page say."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tests.conformance.case import CASES, Case
from tests.conformance.engines import POOR, poor
from tests.conformance.page import FILE, page, unexplained
from tests.conformance.run import ENGINES, Proxies, play, started
from tests.processes import needs_ipv6

pytestmark = needs_ipv6
Played = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def played(need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Played:
    """`played("kamailio")` is what all cases have seen there."""
    need("kamailio")

    @cache
    def on(engine: str) -> dict[str, str]:
        with started(engine, tmp_path_factory.mktemp(engine)) as proxies:
            return play(CASES, proxies)

    return on


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_case_is_kept_or_it_says_why_not(case: Case, engine: str, played: Played) -> None:
    assert unexplained(case, engine, played(engine)[case.name]) == ""


def test_the_page_shows_what_was_seen(played: Played) -> None:
    assert FILE.read_text() == page({engine: played(engine) for engine in ENGINES}), (
        "docs/conformance.md is out of date; python -m tests.conformance writes it"
    )


@pytest.mark.parametrize("kind", POOR)
def test_no_case_is_content_with_a_proxy_that(kind: str) -> None:
    with poor(POOR[kind]) as proxy:
        proxies: Proxies = {case.on: proxy for case in CASES}
        seen = play(CASES, proxies)
    assert [name for name, otherwise in seen.items() if not otherwise] == []


def test_no_two_cases_have_a_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
