# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams a finished clip to a part file; a cut download goes on where it ended, or starts over if the file changed.

The link is fetched with a bare GET: it lies on another host, which must never see the API key.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .http import HttpClient, HttpError, Stream

CHUNK = 1 << 20
DOWNLOAD_SECONDS = 600.0
"""Longest time of one attempt; the next one goes on where it ended."""


class DownloadError(Exception):
    """A download that did not end. gone: the link is dead (expired or removed), a fresh one is needed."""

    def __init__(self, message: str, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


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


def fetch(url: str, target: Path) -> Iterator[int]:
    """Fill the part file of `target` from `url`, yielding the bytes that are there now.

    Raises DownloadError when the connection ends early, the server refuses, or what comes is no video. A part file
    that is left over is continued if the server can and the file is still the same there (`If-Range`).
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part, etag_file = part_file(target), _etag_file(target)
    headers: dict[str, str] = {}
    have = part.stat().st_size if part.exists() else 0
    if have and etag_file.exists():
        headers |= {"Range": f"bytes={have}-", "If-Range": etag_file.read_text(encoding="ascii")}
    client = HttpClient()
    try:
        with client.stream(url, headers, DOWNLOAD_SECONDS) as answer:
            start, total = _check(answer, have, part)
            etag = answer.headers.get("etag", "")
            if etag and not etag.startswith("W/") and etag.isascii():
                etag_file.write_text(etag, encoding="ascii")
            else:
                etag_file.unlink(missing_ok=True)
            with part.open("ab" if start else "wb") as handle:
                for chunk in answer.chunks(CHUNK):
                    handle.write(chunk)
                    yield handle.tell()
                size = handle.tell()
                handle.flush()
                os.fsync(handle.fileno())
    except HttpError as error:
        raise DownloadError(f"the download broke off ({error})") from None
    finally:
        client.close()
    if total is not None and size != total:
        raise DownloadError(f"{size} of {total} bytes came")


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
    kind = answer.headers.get("content-type", "").split(";")[0].strip()
    if not (kind.startswith("video/") or kind in ("application/octet-stream", "binary/octet-stream", "")):
        raise DownloadError(f"the server sent {kind}, not a video")
    if status == 206:
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("content-range", ""))
        if span is None or int(span[1]) != have:
            part.unlink(missing_ok=True)
            raise DownloadError("the server continued at another place; starting over")
        return have, None if span[2] == "*" else int(span[2])
    length = answer.headers.get("content-length", "")
    return 0, int(length) if length.isdigit() else None


def seal(target: Path) -> Downloaded:
    """Hash a complete part file. DownloadError (and the part removed) if it does not begin like an MP4."""
    part = part_file(target)
    with part.open("rb") as handle:
        head = handle.read(12)
        if head[4:8] != b"ftyp":
            part.unlink()
            raise DownloadError("what came is no MP4 file")
        handle.seek(0)
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return Downloaded(digest, part.stat().st_size)


def settle(target: Path) -> None:
    """Give the sealed part file its final name."""
    part_file(target).replace(target)
    _etag_file(target).unlink(missing_ok=True)
