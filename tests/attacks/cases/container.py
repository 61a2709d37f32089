"""B: the archive itself, with names, kinds, sizes and bytes that are not the one spelling of its files."""

import io
import struct
import warnings
import zipfile
from collections.abc import Iterable

from registry.bundle.container import build_container, read_container
from tests.attacks.case import Handed, case, raw, reference_bundle, table

NAME = "CONTAINER_NAME"
NOT_REGULAR = "CONTAINER_NOT_REGULAR"
NOT_CANONICAL = "CONTAINER_NOT_CANONICAL"
UNREADABLE = "CONTAINER_UNREADABLE"
END = b"PK\x05\x06"


def _names() -> list[str]:
    return sorted(read_container(reference_bundle()))


def _zip(
    names: Iterable[str],
    *,
    mode: int = 0o100644,
    compression: int = zipfile.ZIP_STORED,
    comment: bytes = b"",
    year: int = 1980,
    extra: bytes = b"",
) -> Handed:
    """Hand over an archive as Python's zipfile writes it, of the honest bundle's files and others."""
    files, buffer = read_container(reference_bundle()), io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # a name that stands twice is what a case is about
        archive.comment = comment
        for name in names:
            info = zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr, info.extra = 3, mode << 16, extra
            archive.writestr(info, files.get(name, b"x" * 40), compression)
    return raw(buffer.getvalue())


def _with(name: str) -> Handed:
    return _zip([*_names(), name])


def _central(data: bytes, index: int) -> int:
    """Return where row `index` of the central directory begins."""
    at = struct.unpack_from("<I", data, data.rfind(END) + 16)[0]
    for _ in range(index):
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        at += 46 + name + extra + comment
    return int(at)


def _patched(offset: int, value: bytes) -> Handed:
    """Hand over the honest bundle with bytes of the first row of its central directory replaced."""
    data = bytearray(reference_bundle())
    at = _central(bytes(data), 0) + offset
    data[at : at + len(value)] = value
    return raw(bytes(data))


NAMES = {
    "B09": ("climbs out of the folder", "../../x"),
    "B10": ("starts at the root", "/etc/passwd"),
    "B13": ("differs from another in case only", "data/Report.html"),
    "B22": ("holds a letter that looks like another", "data/rep\N{CYRILLIC SMALL LETTER O}rt.html"),
    "B24": ("has a drive letter", "c:x"),
    "B25": ("has an empty part", "data//x"),
    "B26": ("is hidden", "data/.x"),
    "B27": ("is a folder's", "data/x/"),
    "B28": ("is endless", "data/" + "x" * 300),
    "B29": ("holds a space", "data/a b"),
    "B30": ("holds a newline", "data/a\nb"),
    "B31": ("ends in two dots", "data/x/.."),
    "B32": ("is empty", ""),
}
for _ident, (_words, _name) in NAMES.items():
    table("B", int(_ident[1:]), "a file's name", [(_words, NAME, lambda n=_name: _with(n))])  # type: ignore[misc]


@case("B11", "FAIL", NAME, "a name uses a backslash")
def backslash() -> Handed:
    return raw(reference_bundle().replace(b"data/VERIFY.txt", b"data\\VERIFY.txt"))


@case("B12", "FAIL", "CONTAINER_DUPLICATE_NAME", "a name stands twice")
def duplicate_name() -> Handed:
    return _zip([*_names(), _names()[-1]])


@case("B14", "FAIL", NOT_REGULAR, "the files are symbolic links")
def symbolic_links() -> Handed:
    return _zip(_names(), mode=0o120777)


@case("B33", "FAIL", NOT_REGULAR, "the files are pipes")
def pipes() -> Handed:
    return _zip(_names(), mode=0o010644)


@case("B34", "FAIL", NOT_REGULAR, "the files are devices")
def devices() -> Handed:
    return _zip(_names(), mode=0o060644)


@case("B15", "FAIL", "CONTAINER_COMPRESSED", "the files are compressed, as a bomb would be")
def compressed() -> Handed:
    return _zip(_names(), compression=zipfile.ZIP_DEFLATED)


@case("B16", "FAIL", NOT_CANONICAL, "junk stands before the archive", unusable=True)
def junk_before() -> Handed:
    return raw(b"junk" + reference_bundle())


@case("B17", "FAIL", NOT_CANONICAL, "junk stands after the archive")
def junk_after() -> Handed:
    return raw(reference_bundle() + b"junk")


@case("B18", "FAIL", UNREADABLE, "the archive is cut off")
def cut_off() -> Handed:
    return raw(reference_bundle()[: len(reference_bundle()) // 2])


@case("B19", "FAIL", UNREADABLE, "one bit of a stored file is flipped")
def flipped_bit() -> Handed:
    data = bytearray(reference_bundle())
    data[len(data) // 3] ^= 1
    return raw(bytes(data))


@case("B20", "FAIL", NOT_CANONICAL, "the files stand in another order")
def out_of_order() -> Handed:
    return _zip(_names()[::-1])


@case("B21", "FAIL", UNREADABLE, "the file is no archive", unusable=True)
def no_archive() -> Handed:
    return raw(b"PDF? no." * 100)


@case("B35", "FAIL", UNREADABLE, "the file is empty", unusable=True)
def empty_file() -> Handed:
    return raw(b"")


@case("B36", "FAIL", "FILE_MISSING", "the archive holds no file")
def empty_archive() -> Handed:
    return raw(build_container({}))


@case("B37", "FAIL", NOT_CANONICAL, "the files have another mode")
def another_mode() -> Handed:
    return _zip(_names(), mode=0o100777)


@case("B38", "FAIL", NOT_CANONICAL, "the archive has a comment")
def comment() -> Handed:
    return _zip(_names(), comment=b"hello")


@case("B39", "FAIL", NOT_CANONICAL, "another archive follows")
def another_archive_after_it() -> Handed:
    return raw(reference_bundle() + reference_bundle())


@case("B40", "FAIL", NOT_CANONICAL, "the files are dated")
def dated() -> Handed:
    return _zip(_names(), year=2026)


@case("B41", "FAIL", UNREADABLE, "the files carry extra fields")
def extra_fields() -> Handed:
    return _zip(_names(), extra=struct.pack("<HH4s", 0xCAFE, 4, b"junk"))


@case("B42", "FAIL", NOT_CANONICAL, "a file claims a newer version of the format")
def newer_version() -> Handed:
    return _patched(6, struct.pack("<H", 45))


@case("B43", "FAIL", NOT_CANONICAL, "a file is said to be encrypted")
def encrypted() -> Handed:
    return _patched(8, struct.pack("<H", 1))


@case("F18", "FAIL", NOT_CANONICAL, "a file states two sizes, as zip64 does")
def two_sizes() -> Handed:
    return _patched(20, struct.pack("<II", 0xFFFFFFFF, 40))


@case("B44", "FAIL", NOT_CANONICAL, "directory and entry disagree about a file's date")
def directory_and_entry_disagree() -> Handed:
    data = bytearray(reference_bundle())
    data[10:14] = b"\0\0\x21\x5c"
    return raw(bytes(data))


@case("B45", "FAIL", UNREADABLE, "directory and entry disagree about a file's place")
def another_place() -> Handed:
    return _patched(42, struct.pack("<I", 7))


@case("B46", "FAIL", NOT_CANONICAL, "the entries overlap and claim ten times their size")
def entries_overlap() -> Handed:
    data = bytearray(build_container({f"f{i}": b"x" * 5000 for i in range(3)}))
    for index in range(3):
        row = _central(bytes(data), index)
        data[row + 20 : row + 28] = struct.pack("<II", 15_000, 15_000)
    return raw(bytes(data))


@case("B47", "FAIL", UNREADABLE, "the archive claims more files than its directory holds")
def more_files_than_rows() -> Handed:
    data = bytearray(reference_bundle())
    end = data.rfind(END)
    data[end + 8 : end + 12] = struct.pack("<HH", 60_000, 60_000)
    return raw(bytes(data))


@case("B48", "FAIL", "CONTAINER_TOO_LARGE", "the archive claims more files than a bundle may hold")
def more_files_than_allowed() -> Handed:
    data = bytearray(reference_bundle())
    end = data.rfind(END)
    data[end + 8 : end + 12] = struct.pack("<HH", 60_001, 60_001)
    return raw(bytes(data))


@case("B49", "FAIL", NOT_CANONICAL, "bytes that no entry names stand between entries and directory")
def bytes_between() -> Handed:
    data = bytearray(reference_bundle())
    first, end = _central(bytes(data), 0), data.rfind(END)
    data[end + 16 : end + 20] = struct.pack("<I", first + 4)
    return raw(bytes(data[:first] + b"junk" + data[first:]))
