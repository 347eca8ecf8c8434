# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams a finished clip to a part file; a cut download goes on where it ended, or starts over if the file changed.

The link is fetched with a bare GET: it lies on another host, which must never see the API key. What comes is not unpacked,
has a limit to its size, and a limit to its slowness.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ..core.files import sha256_file
from .http import HttpClient, HttpError, Stream

PART_SECONDS = 30.0
"""Longest time for a quarter of a megabyte: about 9 KB a second is the slowest line that is worth waiting for."""

DOWNLOAD_SECONDS = 1800.0
"""Longest time for one try; the next one goes on where it ended."""

MAX_CLIP_BYTES = 1 << 30
"""Largest clip; 15 s in 4K have about a fifth of it."""


ETAG = re.compile(r'"[\x21\x23-\x7e]{1,200}"')
"""A strong one: the file is the same byte for byte."""

FILE_KINDS = ("application/octet-stream", "binary/octet-stream", "application/mp4", "")
"""Media types of a clip, beside `video/`."""


class DownloadError(Exception):
    """A download that did not end.

    gone: the link is dead (expired or removed), a fresh one is needed. odd: what comes is no clip, so that asking many
    times is of no use. disk: the trouble is on this machine. grown: the part file has more bytes than before.
    """

    def __init__(self, message: str, *, gone: bool = False, odd: bool = False, disk: bool = False) -> None:
        super().__init__(message)
        self.gone, self.odd, self.disk = gone, odd, disk
        self.grown = False


@dataclass(frozen=True)
class Downloaded:
    """A complete part file."""

    sha256: str
    bytes: int


def part_file(target: Path) -> Path:
    """Where the bytes gather before they are complete."""
    return target.with_name(target.name + ".part")


def _etag_file(target: Path) -> Path:
    return target.with_name(target.name + ".part.etag")


def fetch(url: str, target: Path, client: HttpClient) -> Downloaded:
    """Fill the part file of `target` from `url`, to its end, and hash it.

    Raises DownloadError when the connection ends early, the server refuses, or what comes is no clip. A part file
    that is left over is continued if the server can and the file is still the same there (`If-Range`).
    """
    have = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = part_file(target)
        have = part.stat().st_size if part.exists() else 0
        _fill(url, target, have, client)
        return _seal(part)
    except OSError as error:
        raise DownloadError(f"the clip cannot be written: {error.strerror or error}", disk=True) from None
    except DownloadError as error:
        error.grown = part.exists() and part.stat().st_size > have
        raise


def _fill(url: str, target: Path, have: int, client: HttpClient) -> None:
    part, etag_file = part_file(target), _etag_file(target)
    known = _known_etag(etag_file) if have else ""
    headers = {"Range": f"bytes={have}-", "If-Range": known} if known else {}
    try:
        with client.stream(url, headers, PART_SECONDS, DOWNLOAD_SECONDS) as answer:
            start, total = _check(answer, have, part)
            etag = answer.headers.get("etag", "")
            if start and etag not in ("", known):
                part.unlink(missing_ok=True)
                raise DownloadError("the server continued with another file; starting over")
            if ETAG.fullmatch(etag):
                etag_file.write_text(etag, encoding="ascii")
            elif not start:
                etag_file.unlink(missing_ok=True)
            with part.open("ab" if start else "wb") as handle:
                for data in answer.parts:
                    handle.write(data)
                    _check_size(handle.tell(), part)
                size = handle.tell()
                handle.flush()
                os.fsync(handle.fileno())
    except HttpError as error:
        raise DownloadError(f"the download broke off ({error})") from None
    if total is not None and size != total:
        raise DownloadError(f"{size} of {total} bytes came")


def _known_etag(path: Path) -> str:
    """What identifies the file that a part is of; empty where that is not known."""
    try:
        text = path.read_bytes().decode("ascii", errors="replace")
    except FileNotFoundError:
        return ""
    return text if ETAG.fullmatch(text) else ""


def _check_size(size: int, part: Path) -> None:
    if size > MAX_CLIP_BYTES:
        part.unlink(missing_ok=True)
        raise DownloadError(f"what comes is larger than {MAX_CLIP_BYTES >> 20} MB", odd=True)


def _check(answer: Stream, have: int, part: Path) -> tuple[int, int | None]:
    """(offset at which the body starts, total bytes or None)."""
    status = answer.status
    if status in (401, 403, 404, 410):
        raise DownloadError(f"the link is dead (HTTP {status})", gone=True)
    if status == 416:
        part.unlink(missing_ok=True)
        raise DownloadError("the server has less than was already fetched; starting over")
    if status not in (200, 206):
        raise DownloadError(f"the server answered HTTP {status}")
    kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    if not (kind.startswith("video/") or kind in FILE_KINDS):
        raise DownloadError(f"the server sent {kind[:40]}, not a video", odd=True)
    if status == 206:
        span = re.fullmatch(
            r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", answer.headers.get("content-range", "")
        )
        if span is None or int(span[1]) != have:
            part.unlink(missing_ok=True)
            raise DownloadError("the server continued at another place; starting over")
        return have, None if span[2] == "*" else int(span[2])
    length = answer.headers.get("content-length", "")
    total = int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None
    _check_size(total or 0, part)
    return 0, total


def _seal(part: Path) -> Downloaded:
    with part.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return Downloaded(digest, part.stat().st_size)


def intact(path: Path, size: int | None, sha256: str | None) -> bool:
    """Whether a file is there as it was recorded."""
    return path.is_file() and path.stat().st_size == size and sha256_file(path) == sha256


def put_in_place(target: Path, size: int | None, sha256: str | None) -> bool:
    """Give the part file its final name if it is the recorded one; whether `target` is now the recorded file."""
    if intact(target, size, sha256):
        return True
    if not intact(part_file(target), size, sha256):
        return False
    part_file(target).replace(target)
    _etag_file(target).unlink(missing_ok=True)
    return True
