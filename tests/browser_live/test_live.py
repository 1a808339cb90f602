"""Live views as a learner meets them: buttons, keys, arrows, and what is left when the lab is closed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser_live.conftest import Notebook

pytestmark = pytest.mark.timeout(300)  # seconds; JupyterLab is slow where the machine is busy

LAB = """
from labsip import Lab
lab = Lab(seed=1)
lab.use("cancel")
a, b = lab.phone("106"), lab.phone("108")
b.ring()
"""
Open = Callable[..., Notebook]


def test_a_call_is_made_with_buttons_while_the_ladder_grows_and_its_arrows_open(notebook: Open) -> None:
    it = notebook(LAB + "lab.panel()")
    it.press("106", "Register")
    it.press("108", "Register")
    expect(it.arrows("REGISTER")).to_have_count(4)
    it.phone("106").get_by_label("Number for 106 to call").fill("108")
    it.press("106", "Call")
    expect(it.arrows("180 Ringing")).to_have_count(2)
    expect(it.phone("108")).to_contain_text("rings: 106 calls")
    it.press("108", "Answer")
    expect(it.arrows("ACK")).to_have_count(2)
    expect(it.phone("106")).to_contain_text("in a call with 108")

    it.arrows("INVITE").first.click()
    message = it.page.locator(".labsip .message")
    expect(message).to_contain_text("INVITE sip:108@")
    expect(message.locator(".source .ran").filter(has_text="ksr.t_relay()")).to_contain_text("→ 1")
    expect(message).to_contain_text("What the proxy changed: 106 → proxy → 108")
    it.keep("panel-light")
    it.dark()
    it.keep("panel-dark")
    it.press("106", "Hang up")
    expect(it.arrows("200 OK (BYE)")).to_have_count(2)


def test_all_of_it_works_with_the_keyboard_alone(notebook: Open) -> None:
    it = notebook(LAB + "a.register(); b.register()\nlab.panel()")
    keys = it.page.keyboard
    it.phone("106").get_by_label("Number for 106 to call").focus()
    keys.type("108")
    keys.press("Enter")
    expect(it.phone("108")).to_contain_text("rings: 106 calls")
    answer = it.phone("108").get_by_role("button", name="Answer", exact=True)
    tab_to(it, "[data-phone='108'] button >> text=Answer")
    keys.press("Enter")
    expect(it.phone("108")).to_contain_text("in a call with 106")
    expect(answer).to_be_focused()  # though it does nothing now: the place is not lost
    tab_to(it, ".labsip .arrow >> nth=0")
    keys.press("End")
    keys.press("ArrowUp")
    expect(it.page.locator(".labsip .message h4")).to_contain_text("106 → proxy ACK")
    expect(it.page.locator(".labsip .arrow:focus")).to_have_attribute("aria-selected", "true")
    tab_to(it, ".labsip dfn >> text=Via >> nth=0")
    expect(it.page.locator(".labsip .hint")).to_contain_text("The way back")
    tab_to(it, ".labsip dfn >> text=Content-Length >> nth=-1")
    expect(it.page.locator(".labsip .hint")).to_be_in_viewport()  # however far down the header stands
    expect(it.page.locator(".labsip .hint")).to_contain_text("Bytes of the body")


def tab_to(it: Notebook, selector: str) -> None:
    """Press Tab until that has the focus."""
    wanted = it.page.locator(selector).first
    for _ in range(60):
        it.page.keyboard.press("Tab")
        if wanted.evaluate("node => node === node.getRootNode().activeElement"):
            return
    raise AssertionError(f"Tab never came to {selector}")


def test_a_broken_wire_shows_in_the_ladder(notebook: Open) -> None:
    it = notebook(LAB + "a.register(); b.register()\nlab.panel()")
    it.page.get_by_role("button", name="Lose the next").click()
    expect(it.page.get_by_label("Wires that are broken")).to_contain_text("106 → proxy: loses the next ACK")
    it.phone("106").get_by_label("Number for 106 to call").fill("108")
    it.press("106", "Call")
    it.press("108", "Answer")
    expect(it.arrows("ACK (lost)")).to_have_count(1)
    expect(it.arrows("200 OK (again)")).to_have_count(2)
    expect(it.page.get_by_label("Wires that are broken")).to_contain_text("all wires are whole")
    it.page.get_by_role("button", name="Delay by 0.3 s").click()
    it.press("106", "Hang up")
    expect(it.arrows("BYE (0.300 s late)")).to_have_count(1)
    it.press("108", "Mute")
    expect(it.phone("108")).to_contain_text("muted")
    it.press("106", "Call")
    expect(it.arrows("180 Ringing (lost)")).to_have_count(1)


def test_a_finished_call_is_walked_through_and_narrowed_down(notebook: Open) -> None:
    it = notebook(LAB + "a.register(); b.register(); b.answer()\ncall = a.call('108')\ncall.hang_up()\ncall.watch()")
    expect(it.arrows()).to_have_count(13)
    forward = it.page.get_by_role("button", name="Forward")
    title = it.page.locator(".labsip .message h4")
    for wanted in ("106 → proxy INVITE", "proxy → 106 100 trying", "proxy → 108 INVITE"):
        forward.click()
        expect(title).to_contain_text(wanted)
    it.page.get_by_role("button", name="Back").click()
    expect(title).to_contain_text("proxy → 106 100 trying")
    it.page.get_by_label("Method").select_option("BYE")
    expect(it.arrows()).to_have_count(4)
    it.page.get_by_label("Party").select_option("108")
    expect(it.arrows()).to_have_count(2)
    it.page.get_by_label("Method").select_option("")
    it.arrows("INVITE").click()
    expect(it.page.locator(".labsip .source .ran").first).to_be_visible()
    it.keep("explorer")
    it.page.set_viewport_size({"width": 700, "height": 1500})
    it.keep("explorer-narrow")


WAITS = """
import time
from pathlib import Path
while not Path("{}").exists():
    time.sleep(0.05)
"""


def test_a_transaction_is_followed_through_its_machine_with_the_arrow_keys(notebook: Open) -> None:
    it = notebook(LAB + "a.register(); b.register(); b.busy()\na.call('108').transactions()", WAITS.format("walked"))
    it.page.get_by_label("Transaction", exact=True).select_option(
        label="INVITE server transaction of 108, towards proxy"
    )
    it.page.get_by_label("Step", exact=True).focus()
    now = it.page.locator(".labsip .machine .now")
    for wanted in ("2 of 3: at ", "3 of 3: at "):
        it.page.keyboard.press("ArrowRight")
        expect(now).to_contain_text(wanted)
    expect(now).to_contain_text("ACK → Confirmed")
    expect(it.page.locator(".labsip .state.current")).to_contain_text("▶ Confirmed")
    expect(it.page.locator(".labsip .event.last")).to_contain_text("ACK")
    it.keep("transaction")
    (it.folder / "walked").touch()
    expect(it.page.locator(".jp-InputPrompt").nth(1)).to_have_text("[2]:")
    it.page.wait_for_timeout(300)  # now the kernel hears that the view is there, and tells it everything again
    expect(now).to_contain_text("ACK → Confirmed")


def test_when_the_lab_closes_its_last_state_stays_as_a_picture(notebook: Open) -> None:
    it = notebook(LAB + "lab.panel()", "a.register()\nb.register()" + WAITS.format("close") + "lab.close()")
    expect(it.arrows("REGISTER")).to_have_count(4)
    (it.folder / "close").touch()
    expect(it.page.locator(".labsip")).to_have_count(0)
    expect(it.page.locator(".jp-Notebook-cell").nth(0).locator("img")).to_have_count(1)


def test_a_saved_notebook_shows_the_picture_where_the_kernel_is_gone(notebook: Open) -> None:
    it = notebook(LAB + "b.answer()\na.register(); b.register()\na.call('108').watch()")
    image = it.page.locator(".jp-Notebook-cell img")
    expect(image).to_be_hidden()
    it.page.keyboard.press("Control+s")
    expect(it.page.locator(".jp-mod-dirty")).to_have_count(0)
    it.choose("Kernel", "Shut Down Kernel")
    it.page.reload()
    expect(image).to_be_visible()
    it.complaints.clear()  # JupyterLab's own, about the view that has no kernel


def test_a_panel_moves_while_a_cell_runs(notebook: Open) -> None:
    it = notebook(LAB + "lab.panel()", "a.register()\nb.register()" + WAITS.format("enough"))
    expect(it.arrows("REGISTER")).to_have_count(4)
    expect(it.page.locator(".jp-InputPrompt").nth(1)).to_have_text(re.compile(r"\[\*\]"))
    (it.folder / "enough").touch()
    expect(it.page.locator(".jp-InputPrompt").nth(1)).to_have_text(re.compile(r"\[2\]"))


CANCELLED = "a.register(); b.register()\ncall = a.call('108')\ncall.cancel()\ncall.watch()"
CUT = """[...document.querySelectorAll(".labsip :is(section, .keys, select)")]
    .filter(it => it.offsetWidth && it.getBoundingClientRect().right
        > it.closest(".labsip").getBoundingClientRect().right + 1)
    .map(it => it.outerHTML.slice(0, 80))"""
SCROLLS = """[...document.querySelectorAll(".labsip *")].filter(it => it.offsetHeight
    && /auto|scroll/.test(getComputedStyle(it).overflowY) && it.scrollHeight > it.clientHeight + 1).length"""


def test_the_tables_of_the_proxy_stand_beside_a_message_on_screen_in_a_narrow_window_and_on_paper(
    notebook: Open,
) -> None:
    it = notebook(LAB + CANCELLED)
    it.arrows("CANCEL").first.click()
    tables = it.page.locator(".labsip .then")
    expect(tables.get_by_role("row").filter(has_text="CANCEL to 108")).to_contain_text("+ new")
    expect(tables.get_by_role("row", name="> after INVITE to 108")).to_contain_text("cancel 30.000 s")
    tables.locator("summary").click()
    it.page.get_by_role("button", name="Forward").click()
    expect(it.page.locator(".labsip .message h4")).to_contain_text("proxy → 108 CANCEL")
    expect(tables.get_by_role("table").first).to_be_hidden()  # what was closed stays closed
    tables.locator("summary").click()
    it.keep("explorer-tables")
    it.page.set_viewport_size({"width": 620, "height": 1500})
    assert it.page.evaluate(CUT) == []
    it.keep("explorer-tables-narrow")
    it.dark()
    it.page.set_viewport_size({"width": 1280, "height": 1500})
    it.page.emulate_media(forced_colors="active")
    assert colour_of(it, ".labsip .names", "backgroundColor") == "rgb(255, 255, 255)"
    assert colour_of(it, ".labsip .arrow .label", "fill").strip("colrsgb(), ") == "0 0 0"
    it.keep("explorer-high-contrast")
    it.page.emulate_media(forced_colors="none", media="print")
    expect(it.page.get_by_role("button", name="Forward")).to_be_hidden()
    expect(it.page.get_by_label("Method")).to_be_hidden()
    assert it.page.evaluate(SCROLLS) == 0
    assert colour_of(it, ".labsip", "color") == "rgb(0, 0, 0)"
    it.keep("explorer-print")


def colour_of(it: Notebook, selector: str, what: str) -> str:
    """A computed colour."""
    found: str = it.page.locator(selector).first.evaluate(f"node => getComputedStyle(node).{what}")
    return found


def test_several_panels_show_the_same_lab_and_survive_running_their_cell_again(notebook: Open) -> None:
    quick = "import labsip.live.panel as p; p.QUIET = 5\n"  # the picture is taken again after a third of a second
    it = notebook(quick + LAB + "a.register(); b.register()", "lab.panel()", "lab.panel()")
    cells = it.page.locator(".jp-CodeCell")
    cells.nth(1).locator(".cm-content").click()
    it.page.keyboard.press("Control+Enter")
    expect(it.page.locator(".jp-InputPrompt").nth(1)).to_have_text("[4]:")
    cells.nth(1).get_by_role("button", name="Restart the proxy").click()
    cells.nth(2).locator("[data-phone='106']").get_by_role("button", name="Register", exact=True).click()
    for panel in (cells.nth(1), cells.nth(2)):
        expect(panel.locator(".labsip")).to_have_count(1)
        expect(panel.locator(".arrow").filter(has_text="REGISTER")).to_have_count(6)
        expect(panel.locator(".paper")).to_contain_text("proxy restarted")
    it.page.wait_for_timeout(1000)
    expect(it.page.locator(".jp-OutputArea-output img:visible")).to_have_count(0)
    it.keep("panels-two")
    it.choose("Kernel", "Shut Down Kernel")
    it.page.get_by_text("No Kernel").first.wait_for()
    it.press("106", "Register")
    expect(it.page.locator(".labsip .alert").first).to_contain_text("The kernel is gone")


def test_a_load_shows_how_far_it_is_and_then_three_plots(notebook: Open) -> None:
    it = notebook(LAB + "a.register(); b.register(); b.answer()\nlab.panel()", "lab.load(30, 20)")
    expect(it.page.locator(".jp-OutputArea-output").get_by_text(re.compile(r"\d+/30")).first).to_be_visible()
    picture = it.page.locator(".jp-CodeCell").nth(1).locator("img")
    expect(picture).to_be_visible()
    expect(it.arrows("BYE").first).to_be_attached()
    it.keep("load")
