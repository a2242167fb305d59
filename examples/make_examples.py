#!/usr/bin/env python3
"""Writes the small input files of this folder, the same bytes each time.

usage: make_examples.py [FOLDER]     (FOLDER: that of this file)

  graph.txt            a graph to be cut: 120 vertices on a ring, each joined to the next ones and to some others (rudy)
  choice.qubo          20 groups of 5 places, one of each group to be chosen, costs and clashes (qbsolv)
  boolean.sparse       a problem of 30 variables (BiqMac)
  spins.mtx            40 spins with couplings and fields (Matrix Market)
  clauses.cnf          60 variables, 250 clauses of three (DIMACS)
  cities.tsp, few.tsp  60 and 9 places (TSPLIB)
  A.mtx, b.mtx         a symmetric positive definite matrix of 6 x 6, and a right-hand side
  P.mtx, Q.mtx         a precision matrix of 4 x 4; a covariance of noise of 6 x 6
  parabola.csv         inputs z and targets (2 z - 1)^2, for a machine with one input and one output
"""
import pathlib
import random
import sys


def graph(draw):
    n, edges = 120, {}
    for k in range(n):
        for step in (1, 2):
            edges[tuple(sorted((k, (k + step) % n)))] = 1
    while len(edges) < 420:
        a, b = sorted(draw.sample(range(n), 2))
        edges.setdefault((a, b), 1)
    lines = [f"{a + 1} {b + 1} {weight}" for (a, b), weight in sorted(edges.items())]
    return f"{n} {len(edges)}\n" + "\n".join(lines) + "\n"


def choice(draw):
    groups, places, penalty = 20, 5, 200
    diagonal = [draw.randrange(1, 100) - penalty for _ in range(groups * places)]
    pairs = {}
    for g in range(groups):
        for i in range(places):
            for j in range(i):
                pairs[(g * places + j, g * places + i)] = 2 * penalty
    while len(pairs) < 20 * 10 + 150:
        a, b = sorted(draw.sample(range(groups * places), 2))
        pairs.setdefault((a, b), draw.randrange(1, 40))
    lines = ["c one of five in each of twenty groups: x'Qx is least where the choices are cheap and do not clash",
             f"p qubo 0 {groups * places} {len(diagonal)} {len(pairs)}"]
    lines += [f"{k} {k} {value}" for k, value in enumerate(diagonal)]
    lines += [f"{a} {b} {value}" for (a, b), value in sorted(pairs.items())]
    return "\n".join(lines) + "\n"


def boolean(draw):
    entries = {(k, k): draw.randrange(-50, 51) for k in range(1, 31)}
    while len(entries) < 120:
        entries.setdefault(tuple(sorted(draw.sample(range(1, 31), 2))), draw.randrange(-50, 51))
    return f"30 {len(entries)}\n" + "".join(f"{a} {b} {value}\n" for (a, b), value in sorted(entries.items()))


def spins(draw):
    n, entries = 40, {}
    for k in range(n):
        entries[(k, k)] = draw.choice([-1, 0, 1])
    while len(entries) < n + 100:
        a, b = draw.sample(range(n), 2)
        entries[(max(a, b), min(a, b))] = draw.choice([-1, 1])
    lines = [f"{a + 1} {b + 1} {value}" for (a, b), value in sorted(entries.items()) if value]
    return f"%%MatrixMarket matrix coordinate integer symmetric\n% couplings J off the diagonal, fields h on it\n{n} {n} {len(lines)}\n" + "\n".join(lines) + "\n"


def clauses(draw):
    lines = ["c three literals in each clause", "p cnf 60 250"]
    for _ in range(250):
        lines.append(" ".join(str(draw.choice([-1, 1]) * v) for v in draw.sample(range(1, 61), 3)) + " 0")
    return "\n".join(lines) + "\n"


def cities(draw, name, count):
    lines = [f"NAME: {name}", f"COMMENT: {count} invented places", "TYPE: TSP", f"DIMENSION: {count}", "EDGE_WEIGHT_TYPE: EUC_2D", "NODE_COORD_SECTION"]
    lines += [f"{k} {draw.randrange(1000)} {draw.randrange(700)}" for k in range(1, count + 1)]
    return "\n".join(lines) + "\nEOF\n"


def matrix(rows, comment):
    n, m = len(rows), len(rows[0])
    symmetric = n == m
    kept = [(i, j) for j in range(m) for i in range(j if symmetric else 0, n)]
    head = f"%%MatrixMarket matrix array real {'symmetric' if symmetric else 'general'}\n% {comment}\n{n} {m}\n"
    return head + "".join(f"{rows[i][j]:g}\n" for i, j in kept)


def chain(n, diagonal, coupling, far=0.0):
    return [[diagonal if i == j else coupling if abs(i - j) == 1 else far if abs(i - j) == n - 1 else 0.0 for j in range(n)] for i in range(n)]


def parabola():
    return "z,target\n" + "".join(f"{z / 20:g},{(z / 10 - 1) ** 2:g}\n" for z in range(21))


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    folder = folder if folder.is_dir() else folder.parent
    draw = random.Random(1)
    for name, text in {"graph.txt": graph(draw), "choice.qubo": choice(draw), "spins.mtx": spins(draw), "clauses.cnf": clauses(draw),
                       "cities.tsp": cities(draw, "cities", 60), "few.tsp": cities(draw, "few", 9),
                       "A.mtx": matrix(chain(6, 3, -1, -0.5), "a ring of six springs, each unit held to its place as well"),
                       "b.mtx": matrix([[1], [0], [2], [-1], [0.5], [0]], "forces on the six units"),
                       "P.mtx": matrix(chain(4, 2, -0.8), "precision of four variables, neighbours correlated"),
                       "Q.mtx": matrix(chain(6, 2, 0.5), "covariance of the noise"), "parabola.csv": parabola(), "boolean.sparse": boolean(draw)}.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
