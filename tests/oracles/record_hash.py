#!/usr/bin/env python3
"""Record hash, version 1, from the written rule alone (`snapshot::record_hash::rule`).

Reads one row a line from stdin, as JSON, and prints the SHA-256 of each. Standard library only.
A row is {"S": [[NAME, VALUE], ...]}; a value is null, true, false, or an object of one member:
i integer (text) · h f d float (Python's float, or "bits:HEX") · m [decimal text] · y days ·
c nanoseconds of the day · t l [nanoseconds since 1970] · s bytes in hexadecimal · L list ·
S struct · M map.
"""
import decimal
import hashlib
import json
import struct
import sys


def bits(value, kind, digits):
    if isinstance(value, str) and value.startswith("bits:"):
        return value[5:].rjust(digits, "0")
    return struct.pack(">" + kind, float(value)).hex()


def moment(nanos):
    micros, rest = divmod(int(nanos), 1000)  # Python rounds down.
    return f"{micros}.{rest:03d};"


def write(value):
    if value is None:
        return b"n"
    if isinstance(value, bool):
        return b"b1" if value else b"b0"
    ((tag, x),) = value.items()
    if tag in "iyc":
        return f"{tag}{int(x)};".encode()
    if tag in "hfd":
        kind, digits = {"h": ("e", 4), "f": ("f", 8), "d": ("d", 16)}[tag]
        return (tag + bits(x, kind, digits)).encode()
    if tag == "m":
        sign, digits, exponent = decimal.Decimal(x).as_tuple()
        unscaled = int("".join(map(str, digits))) * (-1 if sign else 1)
        return f"m{unscaled}e{-exponent};".encode()
    if tag in "tl":
        return (tag + moment(x)).encode()
    if tag == "s":
        return text(bytes.fromhex(x))
    if tag == "L":
        return f"[{len(x)}:".encode() + b"".join(map(write, x))
    if tag == "S":
        return f"{{{len(x)}:".encode() + b"".join(text(n.encode()) + write(v) for n, v in x)
    if tag == "M":
        return f"<{len(x)}:".encode() + b"".join(write(k) + write(v) for k, v in x)
    raise ValueError(tag)


def text(raw):
    return f"s{len(raw)}:".encode() + raw


for line in sys.stdin:
    row = write(json.loads(line, parse_float=str))
    print(hashlib.sha256(b"stillhunt-record-1\n" + row).hexdigest())
