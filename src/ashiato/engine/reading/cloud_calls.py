"""What the calls of object stores do, whatever a cloud names them, and who makes them.

Sources, read 2026-11-22: Amazon S3 server access log format and S3 events in CloudTrail, Cloud Audit Logs
for Cloud Storage, Azure Storage analytics operations.
"""

from __future__ import annotations

import functools
import re
from typing import Any
from urllib.parse import unquote

Row = dict[str, Any]

_ACTIVITIES = (
    ("read", r"""GetObject | REST\.GET\.OBJECT | SelectObjectContent | REST\.SELECT\.OBJECT
        | GetObjectTorrent | REST\.GET\.OBJECT_?TORRENT | GET | Download | storage\.objects\.get | GetBlob
        | ReadFile | WEBSITE\.GET\.OBJECT"""),
    ("copy", r"""CopyObject | REST\.COPY\.OBJECT_GET | UploadPartCopy | REST\.COPY\.PART_GET | CopyBlob
        | CopyBlobSource | storage\.objects\.(copy|rewrite|compose)"""),
    ("describe", r"""HeadObject | REST\.HEAD\.OBJECT | HEAD | GetObjectAttributes | GetObjectTagging
        | REST\.GET\.OBJECT_?(ATTRIBUTES|TAGGING|ACL) | REST\.GET\.ACL | GetObjectAcl
        | GetBlobProperties | GetBlobMetadata | WEBSITE\.HEAD\.OBJECT"""),
    ("list", r"""List(Objects|ObjectsV2|Buckets|ObjectVersions|MultipartUploads|Parts|Blobs|Containers|Files)
        | REST\.GET\.(BUCKET|SERVICE|BUCKETVERSIONS|UPLOADS|UPLOAD) | storage\.(objects|buckets)\.list"""),
    ("write", r"""PutObject | PUT | Upload | CompleteMultipartUpload | UploadPart | CreateMultipartUpload
        | PostObject | REST\.(PUT|POST|COPY)\.(OBJECT|PART|UPLOADS?) | PutBlob | PutBlockList | RestoreObject
        | storage\.objects\.(create|update|patch)"""),
    ("delete", r"""DeleteObjects? | DELETE | REST\.DELETE\.OBJECT | REST\.POST\.MULTI_OBJECT_DELETE
        | BATCH\.DELETE\.OBJECT | S3\.EXPIRE\.OBJECT | storage\.objects\.delete | DeleteBlob"""),
)  # fmt: skip
_PATTERNS = [(name, re.compile(rf"(?:{text})", re.VERBOSE)) for name, text in _ACTIVITIES]
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*")
_ARN_ACTOR = re.compile(
    r"arn:[^:]*:(?:iam|sts)::[^:]*:(?:user|assumed-role|federated-user|role)/(.+)", re.DOTALL
)


@functools.lru_cache(maxsize=4096)
def activity_of(operation: str | None) -> str | None:
    """Return ``read``, ``copy``, ``describe``, ``list``, ``write`` or ``delete``; None for any other call."""
    if operation is None:
        return None
    return next((name for name, pattern in _PATTERNS if pattern.fullmatch(operation)), None)


def actor_of(name: str | None) -> str | None:
    """Return who acts: of an Amazon resource name the user, or the role and its session."""
    found = _ARN_ACTOR.fullmatch(name) if name else None
    return found[1] if found else name


def address_of(text: object) -> str | None:
    """Return an address, or None for a service's name in its place."""
    return text if isinstance(text, str) and _ADDRESS.fullmatch(text) else None


def key_of(text: str | None) -> str | None:
    """Return an object's key as it is, from a log that encodes it once, or twice as S3's does at times."""
    if text is None or "%" not in text:
        return text
    once = unquote(text, errors="replace")
    return unquote(once, errors="replace") if re.search(r"%[0-9A-Fa-f]{2}", once) and "%25" in text else once
