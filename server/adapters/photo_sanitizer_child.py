"""Redraw one photo in a process of its own: stdin is the upload, stdout a verdict and two JPEG files.

The server starts this file and never imports it, so the server never loads an image library for an upload.
"""

import ctypes
import io
import os
import resource
import signal
import sys
from collections.abc import Callable

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

# A "24 megapixel" camera makes up to 5712 x 4284 pixels, a little more than 24 million.
MAX_PIXELS = 25_000_000
LARGE_SIDE_PIXELS = 1600
SMALL_SIDE_PIXELS = 320
JPEG_QUALITY = 82

# The largest valid photo, a WebP of 24 megapixels with transparency, needs 445 MB of address space.
MEMORY_BYTES = 512 << 20
WALL_SECONDS = 30  # the server gives up sooner; this ends a child whose server is gone
OUTPUT_BYTES = 16 << 20

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
ORIENTATION_TAG = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow raises an error above twice this number; for WebP it does so before it allocates a canvas.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2


class Refused(Exception):  # noqa: N818 - a verdict, not a failure
    """A refused photo. The text is the code of the refusal that the server raises."""


def main(kind: str, server_pid: int, cpu_seconds: int) -> None:  # pragma: no cover - never in the server
    """Read, redraw and write, within the limits and never longer than the server lives."""
    _limit_process(server_pid, cpu_seconds)
    content = sys.stdin.buffer.read()
    sys.stdout.buffer.write(answer(kind, content))
    sys.stdout.buffer.flush()


def _limit_process(server_pid: int, cpu_seconds: int) -> None:  # pragma: no cover - never in the server
    signal.alarm(WALL_SECONDS)
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != server_pid:
        sys.exit("the server was gone before the drawing began")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # The soft limit ends the process with its own signal. The hard limit looks like an out-of-memory kill.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would contain the photo
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))


def answer(kind: str, content: bytes) -> bytes:
    """Return `drawn WIDTH HEIGHT LENGTH`, a newline and both JPEG files, or only the code of a refusal."""
    try:
        large, small = drawings(kind, content)
    except Refused as refused:
        return str(refused).encode()
    except ImportError:
        raise  # an error of the installation, not of the photo
    except Exception:  # noqa: BLE001 - a decoder may raise any error for a crafted file
        return b"photo_unreadable"
    pictures = [_jpeg(large), _jpeg(small)]
    return b"drawn %d %d %d\n" % (*large.size, len(pictures[0])) + b"".join(pictures)


def drawings(kind: str, content: bytes) -> tuple[Image.Image, Image.Image]:
    """Draw the upload upright on two new white canvases, large and small.

    Raises `Refused`, or any error of a decoder.
    """
    picture = _opened(kind, content)
    large_size = _within(picture.size, LARGE_SIDE_PIXELS)
    picture.draft(None, large_size)  # decode a JPEG at a half or a quarter; other formats ignore it
    picture.load()
    turn = _turn(picture)
    large = _on_white(_in_eight_bits(picture), large_size)
    if turn is not None:
        large = large.transpose(turn)
    return large, large.resize(_within(large.size, SMALL_SIDE_PIXELS), Image.Resampling.LANCZOS)


def _opened(kind: str, content: bytes) -> ImageFile:
    """Open the photo by its header and check the size before anything is decoded."""
    try:
        picture = _reader(kind)(io.BytesIO(content))
    except Image.DecompressionBombError:
        raise Refused("photo_too_many_pixels") from None
    if picture.width * picture.height > MAX_PIXELS:
        raise Refused("photo_too_many_pixels")
    if getattr(picture, "n_frames", 1) > 1:
        raise Refused("photo_animated")
    return picture


def _reader(kind: str) -> Callable[[io.BytesIO], ImageFile]:
    # Not Image.open: it accepts 43 formats, and treats a phone's JPEG with a second image at its end as several
    # frames. These readers read only the first image.
    if kind == "HEIC":
        return _heic_reader()
    return {"JPEG": JpegImageFile, "PNG": PngImageFile, "WEBP": WebPImageFile}[kind]


def _heic_reader() -> Callable[[io.BytesIO], ImageFile]:
    import pillow_heif  # loading it takes as long as all of Pillow, and few photos need it

    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.options.THUMBNAILS = False
    pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    reader: Callable[[io.BytesIO], ImageFile] = pillow_heif.HeifImageFile
    return reader


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    shrink = min(1.0, side / max(size))
    return max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))


def _turn(picture: Image.Image) -> Image.Transpose | None:
    try:
        return UPRIGHT.get(picture.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # noqa: BLE001 - a photo with a broken EXIF block is still valid
        return None


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    if not picture.mode.startswith("I"):
        return picture
    # Pillow's own conversion clips above 255, which makes such a photo all white.
    grey = picture.point(lambda level: level / 256).convert("L")
    grey.info.pop("transparency", None)  # its value is in sixteen bits
    return grey


def _on_white(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode != mode:
        picture = picture.convert(mode)
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", size, "white")
    canvas.paste(picture, mask=picture if mode == "RGBA" else None)
    return canvas


def _jpeg(canvas: Image.Image) -> bytes:
    file = io.BytesIO()
    canvas.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


if __name__ == "__main__":  # pragma: no cover - never in the server
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
