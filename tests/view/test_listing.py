"""A message shown whole."""

from __future__ import annotations

from labsip.view.listing import MessageView

INVITE = (
    b"INVITE sip:108@127.0.10.1 SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nSubject: one\r\n two\r\n"
    b"Content-Length: 5\r\n\r\nv=0\r\n"
)


def test_its_text_is_the_message() -> None:
    assert repr(MessageView(INVITE)) == INVITE.decode().replace("\r\n", "\n").rstrip()


def test_a_title_stands_above_it() -> None:
    view = MessageView(INVITE, "0.003  106 -> proxy")
    assert repr(view).startswith("0.003  106 -> proxy\nINVITE sip")
    assert "<strong>0.003  106 -&gt; proxy</strong>" in view._repr_html_()


def test_its_page_has_bold_names_and_nothing_that_a_message_could_smuggle_in() -> None:
    page = MessageView(b"INVITE <script> SIP/2.0\r\nX-<b>: <i>\r\n\r\n<img>")._repr_html_()
    assert "<strong>X-&lt;b&gt;:</strong> &lt;i&gt;" in page
    assert not any(tag in page for tag in ("<script", "<i>", "<img", "http"))


def test_a_body_that_is_no_text_is_given_by_its_size() -> None:
    view = MessageView(b"MESSAGE sip:a SIP/2.0\r\nContent-Length: 4\r\n\r\n\x00\x01\xff\xfe")
    assert repr(view).endswith("\n\n(4 bytes that are no text)")


def test_what_is_no_message_at_all_is_shown_too() -> None:
    assert repr(MessageView(b"\x80hello")) == "�hello"
    assert repr(MessageView(b"")) == ""


def test_a_body_of_text_in_any_language_is_text() -> None:
    assert repr(MessageView("MESSAGE sip:a SIP/2.0\n\nпривет\tты".encode())).endswith("\n\nпривет\tты")
