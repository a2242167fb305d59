#!/usr/bin/env python3
"""Writes data/digits-images.idx and data/digits-labels.idx from the raw MNIST training files.

usage: make_digits.py MNIST_DIR [OUT_DIR]     (OUT_DIR: data/ of this repository)

Takes training images 1, 3 and 5, counted from 0: the first of each of the classes 0, 1 and 2.
"""
import hashlib
import pathlib
import struct
import sys

SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
}
PICK = (1, 3, 5)
SIDE = 28


def read_checked(folder, name):
    path = folder / name
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    if digest != SHA256[name]:
        sys.exit(f"{path}: SHA-256 is {digest}, expected {SHA256[name]}")
    return raw


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    source = pathlib.Path(arguments[0])
    out = pathlib.Path(arguments[1]) if len(arguments) == 2 else pathlib.Path(__file__).resolve().parent.parent / "data"

    images = read_checked(source, "train-images-idx3-ubyte")[16:]
    labels = read_checked(source, "train-labels-idx1-ubyte")[8:]
    size = SIDE * SIDE
    picked = b"".join(images[i * size:(i + 1) * size] for i in PICK)
    classes = bytes(labels[i] for i in PICK)
    assert classes == bytes((0, 1, 2)), classes

    # IDX: two zero bytes, type 8 (unsigned byte), number of dimensions, then each dimension, big endian.
    (out / "digits-images.idx").write_bytes(struct.pack(">4B3I", 0, 0, 8, 3, len(PICK), SIDE, SIDE) + picked)
    (out / "digits-labels.idx").write_bytes(struct.pack(">4BI", 0, 0, 8, 1, len(PICK)) + classes)


if __name__ == "__main__":
    main(sys.argv[1:])
