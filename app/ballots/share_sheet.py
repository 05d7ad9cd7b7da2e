"""A share of a key as a sheet of A4 that its holder prints and locks away."""

import uuid
from collections.abc import Sequence
from html import escape

from app.ballots.shares import Holder

HOLDER_NAMES = {
    Holder.PLATFORM: "平台 Platform",
    Holder.SUBDISTRICT: "街道 Sub-district",
    Holder.RESIDENTS: "居务监督委员会 Residents' supervisors",
}
_ADVICE = (
    "任意两份份额可开启票箱，一份什么也打不开。请单独保管，不拍照、不转发；公布结果后销毁。",
    "Two of the three shares open the ballot box, one opens nothing.",
    "Keep this sheet apart, do not photograph or forward it; destroy it once the result is public.",
)
_COLUMNS = 3
_TITLE_LENGTH = 40


def sheet(*, round_id: uuid.UUID, title: str, holder: Holder, words: Sequence[str], fingerprint: str) -> str:
    """An SVG of 210 by 297 mm: the words with their numbers, the same as a QR code, and what they are for.

    The QR code holds the words in capitals, which makes it small; typed or scanned, they are the same share.
    """
    rows = -(-len(words) // _COLUMNS)
    lines = [
        _text(20, 26, 7, "钥匙份额 Key share"),
        _text(20, 37, 5, HOLDER_NAMES[holder]),
        _text(20, 46, 4, title if len(title) <= _TITLE_LENGTH else title[:_TITLE_LENGTH] + "…"),
        _text(20, 52, 3, f"{round_id}"),
        *(
            _text(20 + 60 * (at // rows), 66 + 9 * (at % rows), 5, f"{at + 1}. {word}", family="monospace")
            for at, word in enumerate(words)
        ),
        _code(" ".join(words).upper(), x=20, y=170, size=80),
        *(_text(20, 260 + 6 * at, 3, advice) for at, advice in enumerate(_ADVICE)),
        _text(20, 282, 3, f"SHA-256 {fingerprint}", family="monospace"),
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297">'
        '<rect width="210" height="297" fill="#fff"/>' + "".join(lines) + "</svg>"
    )


def _text(x: int, y: int, size: int, text: str, *, family: str = "sans-serif") -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" font-family="{family}">{escape(text)}</text>'


def _code(text: str, *, x: int, y: int, size: int) -> str:
    import segno  # noqa: PLC0415 - few processes ever draw one

    drawn = segno.make_qr(text, error="m").svg_inline(omitsize=True)
    return drawn.replace("<svg ", f'<svg x="{x}" y="{y}" width="{size}" height="{size}" ', 1)
