"""Photos: decoded, shrunk and written anew, so that nothing but the picture is kept (no place, no camera)."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from app.projects.errors import PhotoTooLarge, PhotoUnreadable

LONGEST_SIDE = 1600
MOST_PIXELS = 40_000_000
QUALITY = 82
_FORMATS = ("JPEG", "PNG", "WEBP")


def normalise(raw: bytes) -> tuple[bytes, int, int]:
    """A JPEG of at most 1,600 pixels a side, with its width and height.

    Raises:
        PhotoUnreadable: not a picture of a kind we take.
        PhotoTooLarge: it would unpack to too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Pillow warns of large pictures; we refuse them below, before decoding
            with Image.open(io.BytesIO(raw), formats=_FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise PhotoTooLarge(most_megapixels=MOST_PIXELS // 1_000_000)
                picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PhotoUnreadable from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue(), picture.width, picture.height
