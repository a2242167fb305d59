#!/usr/bin/env python3
"""Train the two small networks that `swell judge` looks at images with, and write them to data/.

    swell data mnist; swell data fashion-mnist      # fetch the two sets, once
    pip install torch numpy
    scripts/train_judge.py                          # both sets, about five minutes each on one core

One thread and fixed seeds: the same version of PyTorch on the same processor gives the same files. Other versions round
differently and give other weights of the same quality.
"""

import argparse
import json
import os
import pathlib
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

ROOT = pathlib.Path(__file__).resolve().parent.parent
FEATURES = 64
# Augmentation: largest shift in pixels, and whether an image and its mirror image are the same thing.
SETS = {"mnist": {"seed": 1, "epochs": 10, "shift": 2, "mirror": False},
        "fashion-mnist": {"seed": 2, "epochs": 12, "shift": 1, "mirror": True}}


class Judge(nn.Module):
    """Three convolutions of 3 x 3, each with a ReLU and a pooling of 2 x 2; 64 features; ten logits."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.dense1 = nn.Linear(64 * 3 * 3, FEATURES)
        self.dense2 = nn.Linear(FEATURES, 10)

    def features(self, x, drop=0.0):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv3(x)), 2)
        x = functional.dropout(x.flatten(1), drop, self.training)
        return functional.relu(self.dense1(x))

    def forward(self, x):
        return self.dense2(functional.dropout(self.features(x, 0.2), 0.2, self.training))


def read_idx(path):
    content = path.read_bytes()
    dims = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(content[3])]
    return np.frombuffer(content, np.uint8, offset=4 + 4 * content[3]).reshape(dims)


def load(folder, part):
    """Images [n, 1, 28, 28] in [0, 1] and labels [n] of a part, train or t10k."""
    images = read_idx(folder / f"{part}-images-idx3-ubyte").astype(np.float32) / 255
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte").astype(np.int64)
    return torch.from_numpy(images)[:, None], torch.from_numpy(labels)


def augment(images, shift, mirror, generator):
    """A random shift of each image, and the mirror image of half of them."""
    n = len(images)
    padded = functional.pad(images, (shift,) * 4)
    by = torch.randint(0, 2 * shift + 1, (n, 2), generator=generator)
    rows = by[:, :1] + torch.arange(28)
    columns = by[:, 1:] + torch.arange(28)
    if mirror:
        flipped = torch.rand(n, generator=generator) < 0.5
        columns = torch.where(flipped[:, None], columns.flip(1), columns)
    return padded[torch.arange(n)[:, None, None], 0, rows[:, :, None], columns[:, None, :]][:, None]


def answers(network, images):
    """Features and logits of all images."""
    network.eval()
    with torch.no_grad():
        features = torch.cat([network.features(batch) for batch in images.split(1000)])
        return features, network.dense2(features)


def accuracy(network, images, labels):
    return (answers(network, images)[1].argmax(1) == labels).float().mean().item()


def train(folder, seed, epochs, shift, mirror, batch=128):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    images, labels = load(folder, "train")
    test_images, test_labels = load(folder, "t10k")
    network, average = Judge(), Judge()
    average.load_state_dict(network.state_dict())
    steps = epochs * (len(images) // batch)
    descent = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.OneCycleLR(descent, 3e-3, steps, pct_start=0.15)
    step = 0
    for epoch in range(epochs):
        began, network_loss = time.time(), 0.0
        network.train()
        order = torch.randperm(len(images), generator=generator)
        for chosen in order[: len(order) // batch * batch].split(batch):
            loss = functional.cross_entropy(network(augment(images[chosen], shift, mirror, generator)), labels[chosen])
            descent.zero_grad()
            loss.backward()
            descent.step()
            schedule.step()
            network_loss += loss.item() * batch / len(images)
            step += 1
            with torch.no_grad():  # a moving average of the weights is a little better than the last ones
                keep = min(0.998, step / (step + 10))
                for mean, now in zip(average.parameters(), network.parameters()):
                    mean.lerp_(now, 1 - keep)
        if epoch % 3 == 2 or epoch == epochs - 1:
            print(f"  epoch {epoch + 1} of {epochs}: loss {network_loss:.4f}, test accuracy "
                  f"{accuracy(average, test_images, test_labels):.4f}, {time.time() - began:.0f} s", flush=True)
        else:
            print(f"  epoch {epoch + 1} of {epochs}: loss {network_loss:.4f}, {time.time() - began:.0f} s", flush=True)
    return average


def check_images():
    """Five images that the tests of the program compute again: the embedded digits and two patterns."""
    digits = read_idx(ROOT / "data" / "digits-images.idx").astype(np.float32) / 255
    row, column = np.mgrid[0:28, 0:28]
    patterns = np.stack([((7 * row + 3 * column) % 11) / 10, (row * column) / 729]).astype(np.float32)
    return torch.from_numpy(np.concatenate([digits, patterns]))[:, None]


def write_safetensors(path, tensors, metadata):
    """The format is a length, a header in JSON and the numbers; https://github.com/huggingface/safetensors."""
    header, content = {"__metadata__": metadata}, b""
    for name, array in tensors.items():
        kind = {"float16": "F16", "float32": "F32"}[array.dtype.name]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(content), len(content) + array.nbytes]}
        content += array.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + content)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local" / "share"
    parser.add_argument("--data-dir", type=pathlib.Path, default=pathlib.Path(shared) / "swell", help="where `swell data` put the sets")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--epochs", type=int, help="instead of those that made the files in data/, to try things out")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=ROOT / "data")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for name in arguments.sets:
        print(name, flush=True)
        settings = SETS[name] | ({"epochs": arguments.epochs} if arguments.epochs else {})
        network = train(arguments.data_dir / name, **settings)
        weights = {key: value.half() for key, value in network.state_dict().items()}
        network.load_state_dict({key: value.float() for key, value in weights.items()})  # what is measured is what is written
        images, labels = load(arguments.data_dir / name, "t10k")
        reached = accuracy(network, images, labels)
        features, logits = answers(network, check_images())
        tensors = {key: value.numpy() for key, value in weights.items()}
        tensors.update({"check.features": features.numpy(), "check.logits": logits.numpy()})
        metadata = {"format": "swell judge 1", "data": name, "test_accuracy": f"{reached:.4f}"}
        target = arguments.output / f"judge-{name}.safetensors"
        write_safetensors(target, tensors, metadata)
        print(f"  {target}: {target.stat().st_size} bytes, test accuracy {reached:.4f}", flush=True)


if __name__ == "__main__":
    main()
