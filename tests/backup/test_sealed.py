"""A sealed file gives back what was written, or is refused: whatever of it was changed, moved, repeated or cut off."""

import io
import itertools

import pytest
from cryptography.fernet import Fernet

from carenav.plumbing.backup.sealed import CHUNK, MAGIC, SALT, TAG, NotAuthentic, Sealer, unseal

KEY, OTHER = (Fernet.generate_key().decode() for _ in range(2))
START, PIECE = len(MAGIC) + SALT, CHUNK + TAG
TEXT = bytes(range(256)) * (CHUNK // 256 * 3) + b"the end"


def sealed(text: bytes = TEXT, pieces: int = 1000, finish: bool = True) -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, KEY)
    for start in range(0, len(text), pieces):
        sealer.write(text[start : start + pieces])
    if finish:
        sealer.finish()
    return file.getvalue()


def opened(data: bytes, key: str = KEY) -> bytes:
    return b"".join(unseal(io.BytesIO(data), key))


def chunks(data: bytes) -> list[bytes]:
    return [data[start : start + PIECE] for start in range(START, len(data), PIECE)]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
@pytest.mark.parametrize("pieces", [7777, CHUNK, 3 * CHUNK])
def test_what_was_written_is_read(size, pieces):
    text = TEXT[:size]
    data = sealed(text, pieces)
    assert opened(data) == text
    assert size < 16 or text[:16] not in data


def test_the_same_text_is_never_sealed_alike():
    assert sealed()[START:] != sealed()[START:]


def test_another_key_opens_nothing():
    with pytest.raises(NotAuthentic, match="the key is another one"):
        next(unseal(io.BytesIO(sealed()), OTHER))


@pytest.mark.parametrize("data", [b"", b"PGDMP", MAGIC, MAGIC + bytes(SALT - 1), b"\0" * 500])
def test_another_file_is_no_backup(data):
    with pytest.raises(NotAuthentic, match="not a backup"):
        opened(data)


@pytest.mark.parametrize(
    "at", [len(MAGIC), START, START + 1000, START + PIECE, START + 2 * PIECE + 5, -1, -TAG]
)
def test_a_flipped_bit_is_refused(at):
    data = bytearray(sealed())
    data[at] ^= 1
    with pytest.raises(NotAuthentic):
        opened(bytes(data))


@pytest.mark.parametrize("cut", [1, TAG, 7 + TAG, 8 + TAG, PIECE, PIECE + 7 + TAG, 2 * PIECE + 7 + TAG])
def test_a_file_that_was_cut_off_is_refused(cut):
    data = sealed()
    with pytest.raises(NotAuthentic):
        opened(data[:-cut])


def test_a_file_that_was_never_finished_is_refused():
    with pytest.raises(NotAuthentic):
        opened(sealed(TEXT + bytes(CHUNK), finish=False))


def test_chunks_in_another_order_or_number_are_refused():
    data = sealed(TEXT[: 3 * CHUNK])
    start, parts = data[:START], chunks(data)
    assert len(parts) == 3
    assert opened(start + b"".join(parts)) == TEXT[: 3 * CHUNK]
    for count in (1, 2, 3, 4):
        for order in itertools.product(range(3), repeat=count):
            if order != (0, 1, 2):
                with pytest.raises(NotAuthentic):
                    opened(start + b"".join(parts[number] for number in order))


def test_chunks_of_another_file_under_the_same_key_are_refused():
    one, other = sealed(), sealed()
    with pytest.raises(NotAuthentic):
        opened(one[:START] + b"".join([chunks(one)[0], *chunks(other)[1:]]))


def test_more_behind_the_end_is_refused():
    with pytest.raises(NotAuthentic):
        opened(sealed() + b"x")
