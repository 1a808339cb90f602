"""Regular expressions and substitutions, done by a real Kamailio and by us."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labsip.modules import pv
from labsip.vocabulary import Ksr
from tests.kamailio.case import Case, Said

URI = "sip:bob@example.org;p=1"
OF_USER = (
    "/b/X/", "/b/X/g", "/B/X/", "/B/X/i", "/b/<\\0>/", "/(b)(o)?/<\\2\\1\\3>/g", "/b/<$rm>/", "/b/\\$rm/",
    "/b/$hdr(X-Odd)/", "/b/<$null>/", "/x/y/", "/b*/-/g", "/x*/-/", "//X/", "/^b(.*)$/\\1/", "/^.*$//", "!o!\\!!",
    "|b|X|g", "1b1X1g",
    "/o|ob|obx/-/", "/b\\/?/y/", "/o/\\10/", "/(a|b)*/<\\1>/", "/(b|bo)(b|o)/<\\1\\2>/", "/\\bb/X/g", "/b\\>/X/g",
    "/[[:alpha:]]{2,}/X/", "/a||o/X/g", "/b)/X/", "/()o/<\\1>/",
)  # fmt: skip
OF_TEXT = (
    ("abcabc", "/b/&/g"), ("a.c", "/\\./X/"), ("a,b", "/,/;/"), ("äb", "/../X/"), ("ÄB", "/äb/X/i"), ("äb", "/^.b/X/"),
    ("abc", "/b/$(rm{s.len})/"), ("abc", "/b/$$/"), ("abcd", "/(a|ab)(c|bcd)/<\\1,\\2>/"), ("aab", "/a*(ab)?/<\\0>/"),
    ("ab", "/(a*)*/<\\1>/"), ("aaaaaaaaaaaaaaaaaaaa!", "/(a*)*b/X/"), ("xyxyxy", "/(xy){2}/<\\1>/g"),
    ("abcdefghij", "/(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)/\\9\\8\\7/"),
)  # fmt: skip
SEARCHES = ("^x-case: 1", "sip:108", "MESSAGE sip", "x-case$", "70.$", "Call.*CSeq", "zz|cseq", "[^x]cseq", "")
STRINGS = (("ab", "("), ("ab", ""), ("ABC", "b"), ("a", "*a"), ("a)", "a)"), ("a1", "[[:digit:]]"), ("ab", "^(a|b)+-"))


def _user(expression: str) -> tuple[str, Said]:
    """Substitute in the user of a URI; tell what it returned, and the URI."""

    def said(ksr: Ksr) -> int:
        ksr["$ru"] = URI
        code = int(ksr.subst_user(expression))
        return ksr.sl_send_reply(298, f"is {code} {ksr['$ru']}")

    return f'$ru = "{URI}"; subst_user(\'{expression}\'); $var(c) = $rc; sl_send_reply("298", "is $var(c) $ru");', said


def _text(subject: str, expression: str) -> tuple[str, Said]:
    written = f"is $(var(s){{re.subst,{expression}}})"

    def said(ksr: Ksr) -> int:
        ksr["$var(s)"] = subject
        return ksr.sl_send_reply(298, pv.expand(ksr._turn, written))

    escaped = written.replace("\\", "\\\\")
    return f'$var(s) = "{subject}"; sl_send_reply("298", "{escaped}");', said


def _asked(command: str, *args: str) -> tuple[str, Callable[[Ksr], Any]]:
    quoted = ", ".join(f'"{arg}"' for arg in args)
    return f"{command}({quoted});", lambda k: getattr(k, command)(*args)


CASES = (
    *(Case(f"subst_user, {one}", *_user(one), headers=("X-Odd: a/b\\1$",)) for one in OF_USER),
    *(Case(f"re.subst, {one} in {subject}", *_text(subject, one)) for subject, one in OF_TEXT),
    *(Case(f"search, {one}", *_asked("search", one)) for one in SEARCHES),
    *(Case(f"search_str, {one} in {subject}", *_asked("search_str", subject, one)) for subject, one in STRINGS),
)
