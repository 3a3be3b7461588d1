"""Packed files: what a zip or gzip holds, never written to disk, never larger than it may be."""

from __future__ import annotations

import io
import zipfile
import zlib

from geoinc.errors import SchemaError

#: No table that is read in one piece is larger, packed or not, in bytes.
MOST_BYTES = 1 << 30


def unzipped(data: bytes, name: str) -> tuple[str, bytes]:
    """Return what a zip file holds: the name of its table, and the bytes to read.

    Parameters
    ----------
    data : bytes
        The file.  A workbook and a zipped shapefile are returned as they are.
    name : str
        Its name, for messages.

    Raises
    ------
    SchemaError
        It is damaged, would be larger than `MOST_BYTES`, or does not hold one table.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [entry for entry in archive.infolist() if not entry.is_dir()]
            # What the directory of the zip says is what can be unpacked: zipfile reads no further.
            size = sum(entry.file_size for entry in members)
            if size > MOST_BYTES:
                msg = f"{name!r} would be {size / 1e9:.0f} GB unpacked; it is damaged or a trap"
                raise SchemaError(msg)
            names = [entry.filename for entry in members]
            if "[Content_Types].xml" in names or any(_suffix(one) == ".shp" for one in names):
                return name, data
            if "content.xml" in names:
                msg = f"{name!r} is an OpenDocument file; save it as .xlsx or as CSV UTF-8"
                raise SchemaError(msg)
            tables = [one for one in names if "readme" not in one.lower() and not _hidden(one)]
            maps = [one for one in tables if _suffix(one) == ".kml"]
            chosen = maps or tables  # a KMZ has pictures beside its map
            if len(chosen) != 1:
                msg = f"{name!r} holds {len(chosen)} files; unpack it and give those to read"
                raise SchemaError(msg)
            return f"{name}/{chosen[0].rpartition('/')[2]}", archive.read(chosen[0])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        msg = f"{name!r} is a zip file that cannot be unpacked: {error}"
        raise SchemaError(msg) from error


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower()


def _hidden(name: str) -> bool:
    return name.startswith("__MACOSX") or name.rpartition("/")[2].startswith(".")


def ungzipped(data: bytes, name: str) -> bytes:
    """Return what a gzip file holds.

    Raises
    ------
    SchemaError
        It is damaged or larger than `MOST_BYTES`.
    """
    found, left, room = [], data, MOST_BYTES
    try:
        while left:  # several may stand one after the other
            unpacking = zlib.decompressobj(wbits=31)
            found.append(unpacking.decompress(left, room + 1))
            room -= len(found[-1])
            if room < 0:
                msg = f"{name!r} would be more than {MOST_BYTES / 1e9:.0f} GB unpacked; it is damaged or a trap"
                raise SchemaError(msg)
            if not unpacking.eof:
                msg = f"{name!r} is a gzip file that ends too early; copy or download it again"
                raise SchemaError(msg)
            left = unpacking.unused_data.lstrip(b"\0")
    except zlib.error as error:
        msg = f"{name!r} is a gzip file that cannot be unpacked: {error}"
        raise SchemaError(msg) from error
    return b"".join(found)
