#!/usr/bin/env python3
"""Writes the matrices of this folder from their public definitions, the same bytes each time.

usage: matrices.py [FOLDER]     (FOLDER: that of this file)

  poisson.mtx     finite differences, -u'' in two dimensions: the five-point Laplacian on a 12 x 12 grid, u = 0 outside
  bar.mtx         finite elements: axial stiffness of a bar of 40 linear elements, clamped at its left end
  beam.mtx        finite elements: bending stiffness of a cantilever of 8 Euler-Bernoulli elements (deflections, slopes)
  karate.mtx      graph Laplacian of Zachary's karate club (W. Zachary, J. Anthropol. Res. 33, 452, 1977), node 34 grounded
  resistors.mtx   nodal conductances of an 8 x 8 grid of one-ohm resistors, one corner at ground
  kernel.mtx      Gaussian process: squared-exponential kernel of 32 points on a line, with measurement noise
  hubble.mtx, hubble_information.mtx
                  Bayesian regression: velocity against distance of 24 nebulae (E. Hubble, PNAS 15, 168, 1929);
                  precision matrix of intercept and slope, and that matrix times their mean
  load.mtx        a right-hand side of ones for poisson.mtx
"""
import math
import pathlib
import sys

KARATE = """2 1 3 1 3 2 4 1 4 2 4 3 5 1 6 1 7 1 7 5 7 6 8 1 8 2 8 3 8 4 9 1 9 3 10 3 11 1 11 5 11 6 12 1 13 1 13 4 14 1 14 2
14 3 14 4 17 6 17 7 18 1 18 2 20 1 20 2 22 1 22 2 26 24 26 25 28 3 28 24 28 25 29 3 30 24 30 27 31 2 31 9 32 1 32 25 32 26
32 29 33 3 33 9 33 15 33 16 33 19 33 21 33 23 33 24 33 30 33 31 33 32 34 9 34 10 34 14 34 15 34 16 34 19 34 20 34 21 34 23
34 24 34 27 34 28 34 29 34 30 34 31 34 32 34 33"""

# Distance in megaparsec, velocity in km/s: table 1 of the paper.
HUBBLE = [(0.032, 170), (0.034, 290), (0.214, -130), (0.263, -70), (0.275, -185), (0.275, -220), (0.45, 200),
          (0.5, 290), (0.5, 270), (0.63, 200), (0.8, 300), (0.9, -30), (0.9, 650), (0.9, 150), (0.9, 500), (1.0, 920),
          (1.1, 450), (1.1, 500), (1.4, 500), (1.7, 960), (2.0, 500), (2.0, 850), (2.0, 800), (2.0, 1090)]
HUBBLE_NOISE = 230.0   # km/s, scatter of a velocity about the line
HUBBLE_PRIOR = 1000.0  # km/s and km/s/Mpc, standard deviations of intercept and slope before the data


def zeros(n):
    return [[0.0] * n for _ in range(n)]


def couple(matrix, i, j, stiffness):
    """A spring between i and j; j = None for one to the wall."""
    matrix[i][i] += stiffness
    if j is not None:
        matrix[j][j] += stiffness
        matrix[i][j] -= stiffness
        matrix[j][i] -= stiffness


def poisson(side):
    matrix = zeros(side * side)
    for row in range(side):
        for column in range(side):
            i = row * side + column
            matrix[i][i] = 4.0
            if column + 1 < side:
                matrix[i][i + 1] = matrix[i + 1][i] = -1.0
            if row + 1 < side:
                matrix[i][i + side] = matrix[i + side][i] = -1.0
    return matrix


def bar(elements):
    matrix = zeros(elements)
    for element in range(elements):
        couple(matrix, element, element - 1 if element > 0 else None, float(elements))
    return matrix


def beam(elements):
    """Length 1, EI = 1; the slopes are scaled by the element length, as is usual, so that all entries have one unit."""
    length = 1.0 / elements
    element = [[12, 6, -12, 6], [6, 4, -6, 2], [-12, -6, 12, -6], [6, 2, -6, 4]]
    matrix = zeros(2 * elements)
    for e in range(elements):
        for p in range(4):
            for q in range(4):
                i, j = 2 * (e - 1) + p, 2 * (e - 1) + q  # the left node of the first element is clamped
                if i >= 0 and j >= 0:
                    matrix[i][j] += element[p][q] * length
    return matrix


def karate():
    numbers = [int(word) for word in KARATE.split()]
    matrix = zeros(33)
    for a, b in zip(numbers[0::2], numbers[1::2]):
        low, high = min(a, b) - 1, max(a, b) - 1
        couple(matrix, low, high if high < 33 else None, 1.0)
    return matrix


def resistors(side):
    matrix = zeros(side * side - 1)
    node = lambda row, column: None if row == column == 0 else row * side + column - 1
    for row in range(side):
        for column in range(side):
            for other in ((row + 1, column), (row, column + 1)):
                if max(other) < side:
                    a, b = node(row, column), node(*other)
                    couple(matrix, b if a is None else a, None if a is None else b, 1.0)
    return matrix


def kernel(points):
    return [[math.exp(-0.5 * ((i - j) / 3.0) ** 2) + (0.1 if i == j else 0.0) for j in range(points)]
            for i in range(points)]


def hubble():
    precision = [[1 / HUBBLE_PRIOR**2, 0.0], [0.0, 1 / HUBBLE_PRIOR**2]]
    information = [0.0, 0.0]
    for distance, velocity in HUBBLE:
        features = (1.0, distance)
        for i in range(2):
            information[i] += features[i] * velocity / HUBBLE_NOISE**2
            for j in range(2):
                precision[i][j] += features[i] * features[j] / HUBBLE_NOISE**2
    return precision, information


def write_symmetric(path, matrix, comment):
    entries = [(i, j, matrix[i][j]) for j in range(len(matrix)) for i in range(j, len(matrix)) if matrix[i][j] != 0]
    lines = ["%%MatrixMarket matrix coordinate real symmetric", f"% {comment}", f"{len(matrix)} {len(matrix)} {len(entries)}"]
    lines += [f"{i + 1} {j + 1} {value!r}" for i, j, value in entries]
    path.write_text("\n".join(lines) + "\n")


def write_column(path, values, comment):
    lines = ["%%MatrixMarket matrix array real general", f"% {comment}", f"{len(values)} 1"] + [repr(v) for v in values]
    path.write_text("\n".join(lines) + "\n")


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    write_symmetric(folder / "poisson.mtx", poisson(12), "five-point Laplacian, 12 x 12 grid")
    write_symmetric(folder / "bar.mtx", bar(40), "bar of 40 linear elements, clamped at one end")
    write_symmetric(folder / "beam.mtx", beam(8), "cantilever of 8 Euler-Bernoulli elements")
    write_symmetric(folder / "karate.mtx", karate(), "Laplacian of Zachary's karate club, node 34 grounded")
    write_symmetric(folder / "resistors.mtx", resistors(8), "8 x 8 grid of one-ohm resistors, a corner at ground")
    write_symmetric(folder / "kernel.mtx", kernel(32), "squared-exponential kernel of 32 points, length 3, noise 0.1")
    precision, information = hubble()
    write_symmetric(folder / "hubble.mtx", precision, "posterior precision of intercept and slope, Hubble 1929")
    write_column(folder / "hubble_information.mtx", information, "that matrix times the posterior mean")
    write_column(folder / "load.mtx", [1.0] * 144, "a load of one everywhere")


if __name__ == "__main__":
    main()
