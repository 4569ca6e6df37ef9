"""Files that look like pictures or videos and are not read: what they are, and what makes pictures of them."""

from __future__ import annotations

from collections import Counter

from identity.core.types import UnreadFiles
from identity.imaging.formats import extensions

HEIF_ENDINGS = frozenset((".heic", ".heif", ".heics", ".heifs", ".hif"))
INSTALL_HEIC = "pip install 'identity-search[heic]'"
VIDEO = "a video; of a Live Photo the still beside it is read"
RAW = "a camera's raw file: export it as JPEG"
OTHER = "no format of photographs that is read: export it as JPEG or PNG"
VIDEOS = ".3g2 .3gp .avi .flv .insv .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .ogv .qt .vob .webm .wmv"
RAWS = (
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .gpr .iiq .k25 .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw "
    ".rw2 .rwl .sr2 .srf .srw .x3f"
)
OTHERS = (
    ".ai .afphoto .avif .bpg .dds .djvu .emf .eps .exr .fits .flif .hdr .icns .insp"
    " .j2c .j2k .jfif .jls .jp2 .jpf .jpx .jxl "
    ".jxr .mpo .pcx .psb .psd .sgi .svg .svgz .tga .tif .tiff .wdp .webp .wmf .xbm .xcf .xpm"
)
GROUPS = ((VIDEOS, VIDEO), (RAWS, RAW), (OTHERS, OTHER))
REASONS = {ending: reason for endings, reason in GROUPS for ending in endings.split()}
REASONS |= dict.fromkeys(HEIF_ENDINGS, INSTALL_HEIC)


def why_unread(ending: str) -> str:
    """Why files of this ending are not read; empty where they are, and where they look like no picture and no video."""
    return "" if ending.lower() in extensions() else REASONS.get(ending.lower(), "")


def unread_files(endings: Counter[str]) -> list[UnreadFiles]:
    """What is to be said of so many files of each ending, the most frequent first."""
    return [UnreadFiles(ending, count, why_unread(ending)) for ending, count in endings.most_common()]
