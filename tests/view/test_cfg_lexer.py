"""Colours of a kamailio.cfg."""

from __future__ import annotations

from pygments.token import Comment, Keyword, Name, String

from labsip.view.cfg_lexer import KamailioLexer


def test_each_word_has_the_colour_of_its_kind() -> None:
    text = '#!define X 5\n# a comment\nrequest_route {\n    if ($hdr(X) == "to $rU") { sl_reply(404, "x"); exit; }\n}\n'
    told = list(KamailioLexer().get_tokens(text))
    for kind, word in [
        (Comment.Preproc, "#!define X 5"),
        (Comment.Single, "# a comment"),
        (Keyword.Declaration, "request_route"),
        (Keyword, "if"),
        (Name.Variable, "$hdr(X)"),
        (String, "to "),
        (Name.Variable, "$rU"),
        (Name.Function, "sl_reply"),
    ]:
        assert (kind, word) in told
    assert "".join(word for _, word in told) == text
