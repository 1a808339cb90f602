"""Every case played to a proxy, and what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path

from tests.conformance import engines
from tests.conformance.agent import Otherwise
from tests.conformance.case import Case, Proxy, Scene

CHAPTERS = (
    "proxy_validation",
    "proxy_forwarding",
    "proxy_responses",
    "cancel",
    "transactions",
    "registrar",
    "addresses",
    "digest",
    "transports",
    "extensions",
)
"""The files of cases/, in the order of the page."""
AT_A_TIME = 16
"""Cases that are played to one proxy at the same time."""
ENGINES = ("labsip", "kamailio")

Proxies = Mapping[str, Proxy]
"""The variants of one engine that run, by name."""

for _chapter in CHAPTERS:
    import_module(f"tests.conformance.cases.{_chapter}")


@contextmanager
def started(engine: str, folder: Path) -> Iterator[Proxies]:
    """All variants of labsip or Kamailio. `folder`: for runtime files."""
    with ExitStack() as stack:
        proxies = {}
        for name, variant in engines.VARIANTS.items():
            if engine == "labsip":
                proxies[name] = stack.enter_context(engines.labsip(variant))
            else:
                (folder / name).mkdir()
                proxies[name] = stack.enter_context(engines.kamailio(variant, folder / name))
        yield proxies


def play(cases: list[Case], proxies: Proxies) -> dict[str, str]:
    """Play cases, many at a time; what each saw instead of what it asks, "" if that was kept, by name."""
    with ExitStack() as agents, ThreadPoolExecutor(AT_A_TIME) as pool:
        seen = pool.map(lambda case: _seen(case, Scene(proxies[case.on], agents)), cases)
        return dict(zip((case.name for case in cases), seen, strict=True))


def _seen(case: Case, scene: Scene) -> str:
    try:
        case.play(scene)
    except Otherwise as otherwise:
        return scene.told(str(otherwise))
    except Exception as mistake:
        mistake.add_note(f"in the case {case.name}")
        raise
    return ""
