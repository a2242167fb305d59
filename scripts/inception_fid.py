#!/usr/bin/env python3
"""Frechet distance of generated digits by the published protocol, with Inception-v3 features.

    scripts/inception_fid.py SAMPLES.npy --data ~/.local/share/swell/mnist --weights FILE
    scripts/inception_fid.py SAMPLES.npy --data FOLDER --labels LABELS.npy --weights FILE
    scripts/inception_fid.py SAMPLES.npy --data FOLDER --network stand-in      # no weights: tests the steps alone

The protocol: images in [0, 1] are binarised at 0.1 (above it white), resized to 256 x 256 (bilinear, antialiased), repeated
in three channels, brought to [-1, 1] and shown to Inception-v3, whose 2048 pooled features are taken. The distance is
that of the normal laws with the mean and covariance of the features of the samples and of the 60,000 training images.
Publications use 5,120 samples, and say whether they were free (the machine chose the class) or label-clamped (each was
asked for one): this script calls them clamped where --labels is given, free otherwise.

Distances are comparable only with the same weights, preprocessing, number of samples and reference; all of it is in the
answer. FILE holds Inception-v3 as a TorchScript module that maps [n, 3, 256, 256] in [-1, 1] to [n, 2048], or as a state
dictionary of torchvision's inception_v3 (this needs torchvision; Inception needs torch). The project does not ship them.

The stand-in has 64 fixed random features and needs NumPy alone: its distances mean nothing beside others, but that of a
set to itself is 0 and other images are farther.
"""

import argparse
import hashlib
import json
import pathlib
import sys

import numpy as np

SIDE, RESIZED, THRESHOLD, SAMPLES = 28, 256, 0.1, 5120


def read_idx(path):
    content = path.read_bytes()
    if len(content) < 8 or content[:3] != b"\0\0\x08":
        raise ValueError(f"{path} is no IDX file of bytes; it begins with {content[:4].hex(' ')}, 00 00 08 is needed")
    dims = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(content[3])]
    return np.frombuffer(content, np.uint8, offset=4 + 4 * content[3]).reshape(dims)


def as_images(array, name):
    """[n, 28, 28] in [0, 1]: bytes over 255, other numbers from 0 to 1 or from -1 to 1 and cut off there."""
    images = np.asarray(array)
    if images.ndim < 2 or images[0].size != SIDE * SIDE:
        raise ValueError(f"{name} has shape {images.shape}; images of {SIDE} x {SIDE} are needed")
    if len(images) < 2:
        raise ValueError(f"{name} holds {len(images)} image; at least 2 are needed")
    levels = images.reshape(len(images), SIDE, SIDE).astype(np.float32)
    if not np.isfinite(levels).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    if images.dtype == np.uint8:
        return levels / 255
    least, most = np.quantile(levels, [0.001, 0.999])
    if most > 2.5 or least < -2.5:
        raise ValueError(f"{name} holds numbers from about {least:.3g} to {most:.3g}; 0 to 1 or -1 to 1 are needed")
    return np.clip((levels + 1) / 2 if least < -0.5 else levels, 0, 1)


def resizing(size):
    """[size, 28]: the weights of bilinear resizing of a line, with pixels as cells (half-pixel centres).

    Antialiasing widens the weights where an image is made smaller; enlarged, as here, it changes nothing.
    """
    place = np.clip((np.arange(size) + 0.5) * SIDE / size - 0.5, 0, SIDE - 1)
    below = np.minimum(place.astype(int), SIDE - 2)
    weights = np.zeros((size, SIDE), np.float32)
    weights[np.arange(size), below] = 1 - (place - below)
    weights[np.arange(size), below + 1] = place - below
    return weights


def prepared(images, threshold, size):
    """[n, 3, size, size] in [-1, 1]: binarised, resized (bilinear, antialiased), three channels."""
    x = (images > threshold).astype(np.float32) if threshold >= 0 else images
    weights = resizing(size)
    x = 2 * (weights @ x @ weights.T) - 1
    return np.repeat(x[:, None], 3, axis=1)


def inception(weights):
    """Features of images by the module in the file, or by torchvision's Inception-v3 with that state."""
    import torch

    try:
        network = torch.jit.load(weights, map_location="cpu").eval()
    except RuntimeError:
        import torchvision

        network = torchvision.models.inception_v3(weights=None, transform_input=False, init_weights=False)
        network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        network.fc = torch.nn.Identity()
        network.eval()

    def features(x):
        with torch.no_grad():
            return network(torch.from_numpy(x)).double().numpy().reshape(len(x), -1)

    return features


def stand_in(x):
    """64 features: averages over patches of fixed random ones, rectified. Deterministic, and far from Inception."""
    patch = 8
    n, channels, size = len(x), x.shape[1], x.shape[2] // patch * patch
    x = x[:, :, :size, :size].reshape(n, channels, size // patch, patch, size // patch, patch)
    patches = x.transpose(0, 2, 4, 1, 3, 5).reshape(n, -1, channels * patch * patch)
    weights = np.random.default_rng(1).normal(0, 0.15, (patches.shape[2], 64)).astype(np.float32)
    return np.maximum(patches @ weights, 0).mean(1).astype(np.float64)


def features_of(network, images, threshold, size, batch):
    found = []
    for start in range(0, len(images), batch):
        found.append(network(prepared(images[start : start + batch], threshold, size)))
        if sys.stderr.isatty():
            print(f"\r{min(start + batch, len(images))} of {len(images)} images", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return np.concatenate(found)


def frechet_distance(a, b):
    """Of the normal laws with the moments of two sets of features (Heusel et al. 2017, arXiv:1706.08500, eq. 6)."""
    difference = a.mean(0) - b.mean(0)
    first, second = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ second @ root), 0, None)).sum()
    return float(difference @ difference + np.trace(first) + np.trace(second) - 2 * cross)


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samples", type=pathlib.Path, help="images [n, 28, 28] as .npy: bytes, or 0 to 1, or -1 to 1")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with train-images-idx3-ubyte")
    parser.add_argument("--labels", type=pathlib.Path, help="the classes asked for, .npy: the samples are label-clamped")
    parser.add_argument("--weights", type=pathlib.Path, help="Inception-v3, see above")
    parser.add_argument("--network", choices=["inception", "stand-in"], default="inception")
    parser.add_argument("--samples-used", type=int, default=SAMPLES, help=f"the first so many ({SAMPLES})")
    parser.add_argument("--reference", type=int, default=60000, help="the first so many training images (60000)")
    parser.add_argument("--binarise", type=float, default=THRESHOLD, help=f"threshold ({THRESHOLD}); below 0 for none")
    parser.add_argument("--size", type=int, default=RESIZED, help=f"side after resizing ({RESIZED})")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--json", type=pathlib.Path, help="write the answer to this file as well")
    given = parser.parse_args(words)
    if given.size < SIDE:
        parser.error(f"--size is {given.size}; {SIDE} or more is needed")
    if min(given.samples_used, given.reference) < 2:
        parser.error("--samples-used and --reference need 2 or more")
    if given.network == "inception" and given.weights is None:
        parser.error("--network inception needs --weights FILE; --network stand-in tests the steps without them")
    try:
        samples = as_images(np.load(given.samples), given.samples)[: given.samples_used]
        data = as_images(read_idx(given.data / "train-images-idx3-ubyte"), given.data)[: given.reference]
        if given.labels is not None and len(np.load(given.labels)) < len(samples):
            raise ValueError(f"{given.labels} holds {len(np.load(given.labels))} labels; {len(samples)} are needed")
    except (OSError, ValueError) as error:
        print(f"inception_fid.py: {error}", file=sys.stderr)
        return 2
    network = stand_in if given.network == "stand-in" else inception(given.weights)
    found, expected = (features_of(network, images, given.binarise, given.size, given.batch) for images in (samples, data))
    answer = {
        "frechet_distance": frechet_distance(found, expected),
        "network": given.network,
        "weights_sha256": hashlib.sha256(given.weights.read_bytes()).hexdigest() if given.weights else None,
        "features": found.shape[1],
        "samples": len(found),
        "samples_as_published": len(found) == SAMPLES,
        "reference_images": len(expected),
        "generation": "label-clamped" if given.labels else "free",
        "binarised_at": given.binarise if given.binarise >= 0 else None,
        "resized_to": given.size,
    }
    text = json.dumps(answer, indent=2)
    print(text)
    if given.json:
        given.json.write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
