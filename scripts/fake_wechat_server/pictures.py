"""Pictures of black and white squares, written without a library: the fake runs on a bare Python."""

import struct
import zlib
from collections.abc import Callable, Iterator

SQUARE = 8  # pixels: what JPEG calls a block
# Whether the square in this column and row is black.
Squares = Callable[[int, int], bool]


def jpeg(squares: Squares, width: int) -> bytes:
    """The picture as a grey JPEG, `width` pixels each way: each square is one number, its mean."""
    frame = b"\x08" + struct.pack(">HH", width, width) + b"\x01\x01\x11\x00"
    parts = (
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        (0xDB, b"\0" + bytes([SQUARE]) * 64),
        (0xC0, frame),
        (0xC4, b"\0" + bytes([0, 0, 0, 12]) + bytes(12) + bytes(range(12))),  # sizes 0 to 11, four bits each
        (0xC4, b"\x10" + b"\x01" + bytes(15) + b"\0"),  # the end of a square, one bit
        (0xDA, b"\x01\x01\0\0\x3f\0"),
    )
    head = b"".join(b"\xff" + bytes([kind]) + struct.pack(">H", len(said) + 2) + said for kind, said in parts)
    return b"\xff\xd8" + head + _bits_of(squares, width) + b"\xff\xd9"


def _bits_of(squares: Squares, width: int) -> bytes:
    bits = "".join(_differences(squares, -(-width // SQUARE)))
    bits += "1" * (-len(bits) % 8)
    written = int(bits, 2).to_bytes(len(bits) // 8)
    return written.replace(b"\xff", b"\xff\0")


def _differences(squares: Squares, side: int) -> Iterator[str]:
    """Each square's brightness as its difference from the one before: how many bits it has, and these; then the end."""
    before = 0
    for row in range(side):
        for column in range(side):
            level = -128 if squares(column, row) else 127
            apart, before = level - before, level
            size = abs(apart).bit_length()
            bits = apart if apart > 0 else apart + (1 << size) - 1
            yield f"{size:04b}" + (f"{bits:0{size}b}" if size else "") + "0"


def png(squares: Squares, width: int) -> bytes:
    """The picture as a PNG of black squares without a background."""
    side = -(-width // SQUARE)
    rows = b"".join(_row(squares, row, side, width) * min(SQUARE, width - row * SQUARE) for row in range(side))
    head = struct.pack(">IIBBBBB", width, width, 8, 4, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


def _row(squares: Squares, row: int, side: int, width: int) -> bytes:
    pixels = b"".join((b"\0\xff" if squares(column, row) else b"\xff\0") * SQUARE for column in range(side))
    return b"\0" + pixels[: 2 * width]


def _chunk(kind: bytes, said: bytes) -> bytes:
    return struct.pack(">I", len(said)) + kind + said + struct.pack(">I", zlib.crc32(kind + said))
