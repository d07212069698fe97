"""Seeded damage to bytes and text: what disks, transfers and hostile hands do to a file."""

import numpy as np

Rng = np.random.Generator

NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1)
TOKENS = (
    "",
    "-1",
    "0.5",
    "1e308",
    "1e999",
    "nan",
    "inf",
    "-inf",
    "99999999999999999999",
    "0" * 5000,
    "9" * 5000,
    "true",
    "null",
    '"',
    "'",
    "[" * 2000,
    "{" * 2000,
    "\x00",
    "\x1b[2J",
    "ä",
    "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "é" * 300,
    "../../etc/passwd",
    "/dev/zero",
    ",",
    ";",
    "\t",
    "\r",
    "#",
    "=",
    "2026-02-30",
    "0x10",
    "1_000",
    " 1 ",
    "１",
)


def damaged(content: bytes, rng: Rng) -> bytes:
    """Return ``content`` with one fault."""
    return FAULTS[int(rng.integers(len(FAULTS)))](bytearray(content), rng)


def _place(content: bytearray, rng: Rng, width: int = 1) -> int:
    return int(rng.integers(max(len(content) - width, 1)))


def _flip(content: bytearray, rng: Rng) -> bytes:
    content[_place(content, rng)] ^= 1 << int(rng.integers(8))
    return bytes(content)


def _byte(content: bytearray, rng: Rng) -> bytes:
    content[_place(content, rng)] = int(rng.integers(256))
    return bytes(content)


def _number(content: bytearray, rng: Rng) -> bytes:
    width = int(rng.choice([2, 4, 8]))
    at, value = _place(content, rng, width), int(rng.choice(np.array(NUMBERS, object)))
    order = "little" if rng.random() < 0.8 else "big"
    content[at : at + width] = (value % 256**width).to_bytes(width, order)
    return bytes(content)


def _cut(content: bytearray, rng: Rng) -> bytes:
    return bytes(content[: int(rng.integers(len(content)))])


def _delete(content: bytearray, rng: Rng) -> bytes:
    at = _place(content, rng)
    del content[at : at + int(rng.integers(1, 64))]
    return bytes(content)


def _insert(content: bytearray, rng: Rng) -> bytes:
    at = _place(content, rng)
    content[at:at] = rng.integers(0, 256, int(rng.integers(1, 64)), dtype=np.uint8).tobytes()
    return bytes(content)


def _copy(content: bytearray, rng: Rng) -> bytes:
    length = int(rng.integers(1, 512))
    source, target = _place(content, rng), _place(content, rng)
    content[target : target + length] = content[source : source + length]
    return bytes(content)


def _zeros(content: bytearray, rng: Rng) -> bytes:
    at, length = _place(content, rng), int(rng.choice([16, 512, 4096]))
    part = content[at : at + length]
    content[at : at + length] = bytes(len(part))  # a sector that was never written
    return bytes(content)


FAULTS = (_flip, _flip, _byte, _number, _number, _cut, _delete, _insert, _copy, _zeros)


def damaged_text(content: bytes, rng: Rng, separators: str = ",\n") -> bytes:
    """Return text with a cell, a line or an order changed; sometimes with damaged bytes."""
    if rng.random() < 0.3:
        return damaged(content, rng)
    lines = content.decode("utf-8", "replace").split("\n")
    row = int(rng.integers(len(lines)))
    way = int(rng.integers(6))
    if way == 0:
        lines.insert(row, lines[int(rng.integers(len(lines)))])
    elif way == 1:
        del lines[row]
    elif way == 2:
        other = int(rng.integers(len(lines)))
        lines[row], lines[other] = lines[other], lines[row]
    else:
        separator = separators[0]
        cells = lines[row].split(separator)
        cells[int(rng.integers(len(cells)))] = TOKENS[int(rng.integers(len(TOKENS)))]
        lines[row] = separator.join(cells)
    return "\n".join(lines).encode("utf-8", "replace")


def hostile_array(rng: Rng, like: np.ndarray) -> np.ndarray:
    """Return an array of the wrong type, shape or content in place of ``like``."""
    numbers = (np.nan, np.inf, -1, 2**63 - 1, np.uint64(2**64 - 1), 1e308, 1j, "text", b"bytes")
    texts = ("[" * 20_000, "9" * 5000, "{}", ["a", "", "\x1b[2J"])
    makers = (
        *(lambda value=value: np.full(like.shape, value) for value in numbers),
        *(lambda text=text: np.array(text) for text in texts),
        *(lambda kind=kind: np.ones(like.shape, kind) for kind in ("?", ">i2", "f2")),
        lambda: np.full(like.shape, np.datetime64("NaT")),
        lambda: np.zeros(3, [("a", "i4")]),
        lambda: np.zeros((0, 0)),
        lambda: np.array(0),
        lambda: like[:0],
        lambda: like[:-1],
        lambda: like.T,
        lambda: like[None],
        lambda: like.ravel(),
        lambda: np.repeat(like, 2, axis=0) if like.ndim else like,
        lambda: rng.permutation(like.ravel()).reshape(like.shape),
    )
    return np.asarray(makers[int(rng.integers(len(makers)))]())
