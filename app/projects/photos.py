"""Photos: decoded, shrunk and written anew, so that nothing but the picture is kept (no place, no camera)."""

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.canonical import sha256_hex
from app.projects.errors import PhotoTooLarge, PhotoUnreadable

if TYPE_CHECKING:
    from PIL import Image

LONGEST_SIDE = 1600
#: What phones take; a file of a few kilobytes can claim any size.
MOST_PIXELS = 50_000_000
QUALITY = 82
#: 64 points on the screen of a phone with three pixels a point.
SMALL_SIDE = 192
_FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class Picture:
    """A photo as we keep it."""

    jpeg: bytes
    width: int
    height: int
    digest: str


def normalise(raw: bytes) -> Picture:
    """A JPEG of at most 1,600 pixels a side.

    Raises:
        PhotoUnreadable: not a picture of a kind we take.
        PhotoTooLarge: it would unpack to too many pixels.
    """
    try:
        picture = _decode(raw)
    except PhotoTooLarge:
        raise
    except Exception as error:  # a decoder that is fed hostile bytes raises whatever it likes
        raise PhotoUnreadable from error
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    jpeg = out.getvalue()
    return Picture(jpeg, picture.width, picture.height, sha256_hex(jpeg))


def small(jpeg: bytes) -> bytes:
    """One of our photos as a square of `SMALL_SIDE` pixels, for lists on weak lines: some kilobytes."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - as below

    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
        opened.draft("RGB", (2 * SMALL_SIDE, 2 * SMALL_SIDE))
        out = io.BytesIO()
        ImageOps.fit(opened.convert("RGB"), (SMALL_SIDE, SMALL_SIDE)).save(
            out, "JPEG", quality=72, optimize=True
        )
    return out.getvalue()


def _decode(raw: bytes) -> "Image.Image":
    from PIL import Image, ImageOps  # noqa: PLC0415 - only a process that is given photos needs it

    with warnings.catch_warnings():
        # Pillow warns of large pictures; they are refused below, before anything is decoded
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(raw), formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PhotoTooLarge(most_megapixels=MOST_PIXELS // 1_000_000)
            # decodes a JPEG at a half, a quarter or an eighth of its size, where that is enough
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            turned = ImageOps.exif_transpose(opened)
            turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            # a fresh canvas: comments and profiles of the file stay behind, transparency becomes white
            clean = Image.new("RGB", turned.size, "white")
            if turned.has_transparency_data:
                layer = turned.convert("RGBA")
                clean.paste(layer, mask=layer.getchannel("A"))
            else:
                clean.paste(turned.convert("RGB"))
            return clean
