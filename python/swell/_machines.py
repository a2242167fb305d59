"""Machines: Langevin units, p-bits, linear stochastic systems."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _swell
from ._arrays import Floats, Ints, count, finite, is_sparse, number, of_shape, pairs, path_of, real, shape_of, spins, text, whole
from ._html import table

if TYPE_CHECKING:
    from ._protocols import Protocol

__all__ = ["Ising", "LinearSystem", "Machine"]


def _one_or_each(value: Any, name: str, shape: list[int]) -> Floats | None:
    return None if value is None else of_shape(value, name, shape).reshape(-1)


def _set(couplings: str | None) -> str | None:
    return None if couplings is None else text(couplings, "couplings")


class Machine(_swell.Machine):
    """Langevin units x with the potential energy

        V(x) = sum_i (J2_i x_i^2 + J3_i x_i^3 + J4_i x_i^4) + sum_i b_i x_i + sum_{i<j} J_ij x_i x_j - sum_i f_i x_i,

    that move by dx = -mu dV/dx dt + sqrt(2 mu kT) dW. Energies are in E0, times in 1/mu.

    Parameters
    ----------
    kT : float, optional
        Thermal energy where a protocol says nothing, E0. The library's default is 1.

    Notes
    -----
    Each method returns the machine, so that a description reads as a chain.

    Examples
    --------
    >>> import swell
    >>> machine = swell.Machine(kT=0.5).group("left", 2).group("right", 3, J2=-1, J4=1)
    >>> machine.couplings("program").couple("left", "right", [[0.1, 0, 0], [0, 0, -0.3]]).bias("right", 0.1)
    Machine(left: 2, right: 3 units; kT = 0.5; sets: program)
    """

    def __init__(self, kT: float | None = None) -> None:
        super().__init__()
        self._shapes: dict[str, list[int]] = {}
        if kT is not None:
            self._kT(number(kT, "kT"))

    @classmethod
    def _of(cls, machine: _swell.Machine) -> Machine:
        made = cls.__new__(cls)
        _swell.Machine.__init__(made, machine)
        return made

    def group(
        self, name: str, shape: int | Sequence[int], *, J2: Any = None, J3: Any = None, J4: Any = None,
        mobility: Any = None,
    ) -> Machine:
        """Adds a group of units. Units are numbered group after group, row-major within a group.

        Parameters
        ----------
        name : str
        shape : int or sequence of int
            How many units, or extents such as (28, 28).
        J2, J3, J4 : float or array of `shape`, optional
            On-site energy J2 x^2 + J3 x^3 + J4 x^4, E0. The library's defaults are 1/2, 0, 0; the sum must confine.
        mobility : float or array of `shape`, optional
            mu, 1/(E0 time); 1 by default.

        Raises
        ------
        ValueError
            A name that is taken, a size that does not fit, a number that is not finite.

        Examples
        --------
        >>> import swell
        >>> swell.Machine().group("wells", (2, 3), J2=-1.0, J4=0.5).groups
        {'wells': (2, 3)}
        """
        extents = shape_of(shape)
        each = [_one_or_each(value, f"{key} of group '{text(name, 'the name of a group')}'", extents)
                for key, value in (("J2", J2), ("J3", J3), ("J4", J4), ("mobility", mobility))]
        self._group(text(name, "the name of a group"), extents, *each)
        self._shapes[name] = extents
        return self

    def couplings(self, name: str) -> Machine:
        """Opens a coupling set: couplings and biases that follow go into it. A protocol puts one set in force at a
        time. A set that is there is opened again.

        Raises
        ------
        TypeError
            A name that is no text.
        ValueError
            A machine that came from a file, which takes no more.

        Examples
        --------
        >>> import swell
        >>> machine = swell.Machine().group("a", 2).couplings("one").bias("a", 0.1)
        >>> machine.couplings("two").bias("a", 0.2).sets
        ['one', 'two']
        """
        self._couplings(text(name, "the name of a coupling set"))
        return self

    def couple(self, a: str, b: str, J: Any) -> Machine:
        """Couples all units of group `a` with those of group `b`: V holds J_ij x_i x_j, each pair of units once.

        Parameters
        ----------
        a, b : str
            Groups; the same twice couples a group within itself.
        J : array [size of a, size of b], or SciPy-sparse matrix of that shape
            E0. Within one group symmetric with a zero diagonal. Sparse couplings are kept and summed by their entries.

        Raises
        ------
        ValueError
            A group that is not there, a wrong shape, an asymmetric matrix within one group.

        Examples
        --------
        >>> import swell
        >>> machine = swell.Machine().group("a", 2).group("b", 2)
        >>> machine.couplings("J").couple("a", "b", [[0.1, 0.2], [0.3, 0.4]]).matrix("J")[0].tolist()
        [0.0, 0.0, 0.1, 0.2]
        """
        a, b = text(a, "group a"), text(b, "group b")
        matrix = J if is_sparse(J) else real(J, f"couplings of '{a}' and '{b}'", 2)
        groups = dict(self._sizes())
        shape = (groups.get(a, matrix.shape[0]), groups.get(b, matrix.shape[1]))
        if tuple(matrix.shape) != shape:
            raise ValueError(f"couplings of '{a}' and '{b}' have shape {tuple(matrix.shape)}; {shape} is needed")
        if is_sparse(J):
            row, column, values = pairs(J, f"couplings of '{a}' and '{b}'", within=a == b)
            self._couple_pairs(a, row, b, column, values)
        else:
            self._couple_dense(a, b, matrix)
        return self

    def _sizes(self) -> list[tuple[str, int]]:
        return [(name, size) for name, size in self._group_sizes()]

    def couple_units(self, a: str, i: Any, b: str, j: Any, J: Any) -> Machine:
        """Couplings one by one: unit i of group `a` with unit j of group `b`.

        Parameters
        ----------
        a, b : str
            Groups.
        i, j : int, or arrays of int
            Numbers within the groups.
        J : float, or array of the same length
            E0. Several of one pair add up.

        Raises
        ------
        ValueError
            A group or unit that is not there, a unit coupled to itself, arrays of other lengths, a number that is not
            finite.

        Examples
        --------
        >>> import swell
        >>> machine = swell.Machine().group("a", 2).group("b", 2)
        >>> machine.couplings("J").couple_units("a", 1, "b", 0, -0.5).matrix("J")[1].tolist()
        [0.0, 0.0, -0.5, 0.0]
        """
        rows, columns = np.atleast_1d(whole(i, "i")), np.atleast_1d(whole(j, "j"))
        if rows.ndim != 1 or columns.shape != rows.shape:
            raise ValueError(f"i has shape {np.shape(i)} and j {np.shape(j)}; numbers, or arrays of one length, are needed")
        values = np.broadcast_to(finite(J, "J"), rows.shape)
        self._couple_pairs(text(a, "group a"), rows, text(b, "group b"), columns, np.ascontiguousarray(values))
        return self

    def bias(self, group: str, value: Any) -> Machine:
        """V holds + b x for the units of a group: one b for all, or an array of one each, E0.

        Raises
        ------
        ValueError
            A group that is not there, not one number for each unit, a number that is not finite; no coupling set was
            opened.

        Examples
        --------
        >>> import swell
        >>> machine = swell.Machine().group("a", 2).group("b", 2)
        >>> machine.couplings("J").bias("b", [0.1, 0.2]).biases("J").tolist()
        [0.0, 0.0, 0.1, 0.2]
        """
        what = f"bias of '{text(group, 'group')}'"
        values = finite(value, what)
        shapes = getattr(self, "_shapes", {})
        if group in shapes:
            values = of_shape(values, what, shapes[group])
        if values.ndim == 0:
            self._bias(group, float(values))
        else:
            self._bias_each(group, np.ascontiguousarray(values.reshape(-1)))
        return self

    def matrix(self, couplings: str) -> Floats:
        """The full symmetric J of a set, [units, units] float64, E0.

        Raises
        ------
        ValueError
            There is no such set: the sentence names those there are. Or the machine is not complete.

        Examples
        --------
        >>> import swell
        >>> machine = swell.Machine().group("a", 2).group("b", 2)
        >>> machine.couplings("J").couple("a", "a", [[0, 0.5], [0.5, 0]]).matrix("J").shape
        (4, 4)
        """
        return self._matrix(text(couplings, "couplings"))

    def biases(self, couplings: str) -> Floats:
        """The biases of a set, [units] float64, E0.

        Raises
        ------
        ValueError
            There is no such set: the sentence names those there are. Or the machine is not complete.

        Examples
        --------
        >>> import swell
        >>> swell.Machine().group("x", 2).couplings("J").bias("x", 0.5).biases("J").tolist()
        [0.5, 0.5]
        """
        return self._biases(text(couplings, "couplings"))

    def parameters(self, couplings: str) -> int:
        """How many numbers a device stores for a set: couplings, each pair once, and biases.

        Raises
        ------
        ValueError
            There is no such set: the sentence names those there are. Or the machine is not complete.

        Examples
        --------
        >>> import swell
        >>> machine = swell.Machine().group("a", 2).group("b", 2)
        >>> machine.couplings("J").couple("a", "b", [[0.1, 0.2], [0.3, 0.4]]).bias("b", 0.1).parameters("J")
        6
        """
        return self._parameters(text(couplings, "couplings"))

    def energy(self, x: Any, couplings: str | None = None, force: Any = None) -> Any:
        """V(x), E0.

        Parameters
        ----------
        x : array [units] or [..., units]
        couplings : str, optional
            Set in force; none without it.
        force : array [units], optional
            f, E0 per unit of x.

        Returns
        -------
        float, or float64 array of the leading shape

        Raises
        ------
        ValueError
            x has not one number for each unit in its last axis, force not one for each unit; a set that is not there.

        Examples
        --------
        >>> import swell
        >>> swell.Machine().group("x", 2).energy([1.0, 2.0])
        2.5
        """
        states, lead = self._states(x)
        values = _swell._energies(self, states, _set(couplings), None if force is None else real(force, "force", 1))
        return float(values[0]) if not lead else values.reshape(lead)

    def gradient(self, x: Any, couplings: str | None = None, force: Any = None) -> Floats:
        """dV/dx, of the shape of x, E0 per unit of x. The force on the units is minus this. Parameters as of
        :meth:`energy`.

        Raises
        ------
        ValueError
            x has not one number for each unit in its last axis, force not one for each unit; a set that is not there.

        Examples
        --------
        >>> import swell
        >>> swell.Machine().group("x", 2).gradient([1.0, 2.0]).tolist()  # of x^2 / 2 each
        [1.0, 2.0]
        """
        states, lead = self._states(x)
        values = _swell._gradients(self, states, _set(couplings), None if force is None else real(force, "force", 1))
        return values.reshape(*lead, values.shape[1])

    def path_loss(
        self, path: Any, dt: float, couplings: str | None = None, *, kT: float | None = None, force: Any = None,
        backwards: bool = False,
    ) -> Floats:
        """-ln P of each step of a path under Euler-Maruyama, up to a constant that is the same both ways.

        Parameters
        ----------
        path : array [points, units]
        dt : float
            Step, 1/mu.
        kT : float, optional
            Thermal energy, E0; the machine's without it.
        backwards : bool
            The probability of each step taken the other way, from its end to its beginning.

        Returns
        -------
        float64 array [points - 1]
            Its mean is units/2 where the path is of this machine.

        Notes
        -----
        Source: S. Whitelam, Phys. Rev. Lett. 136, 037101 (2026); Onsager and Machlup in discrete time.

        Raises
        ------
        ValueError
            A path of other units, a dt or kT that is not above 0, a set that is not there.

        Examples
        --------
        >>> import swell
        >>> machine = swell.Machine(kT=0.5).group("x", 500)
        >>> run = swell.run(machine, swell.Protocol().segment("s", 1.0), dt=0.01, snapshots=0.01)
        >>> loss = machine.path_loss(run.snapshots.array[:, 0], 0.01)
        >>> bool(abs(loss.mean() / 250 - 1) < 0.05)
        True
        """
        return _swell._path_losses(self, real(path, "path", 2), number(dt, "dt"),
                                   self.kT if kT is None else number(kT, "kT"), bool(backwards), _set(couplings), None if force is None else real(force, "force", 1))

    def _states(self, x: Any) -> tuple[Floats, tuple[int, ...]]:
        array = real(x, "x")
        if array.ndim == 0:
            raise ValueError("x is a single number; an array [units] or [..., units] is needed")
        return np.ascontiguousarray(array.reshape(-1, array.shape[-1])), array.shape[:-1]

    def write(
        self, path: str | os.PathLike[str], protocols: Sequence[Protocol] = (), *, dt: float,
        name: str = "machine", integrator: str | None = None, patterns: Mapping[str, str] | None = None,
    ) -> None:
        """Writes the machine with its protocols as a file that every command of the program takes, safetensors with
        a design. Parameters are kept in single precision (docs/machine_file.md).

        Parameters
        ----------
        path : path
        protocols : sequence of Protocol
        dt : float
            Step, 1/mu; every duration is a multiple of it.
        integrator : str, optional
            "euler-maruyama" or "leimkuhler-matthews".
        patterns : dict of group to "ones", "zeros", "data", "repeat", "projection", optional
            What drives or clamps the units of a group.

        Raises
        ------
        ValueError
            What such a file cannot say or hold: a protocol that does not fit the machine or dt, names other than of
            letters, digits, '-' and '_', geometric schedules, the directed couplings or the memory of a chip.
        OSError
            Where the file cannot be written.

        Examples
        --------
        >>> import pathlib, tempfile, swell
        >>> machine, rest = swell.Machine().group("x", 3), swell.Protocol("rest").segment("s", 1.0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     machine.write(pathlib.Path(folder) / "three.safetensors", [rest], dt=0.01)
        ...     swell.read(pathlib.Path(folder) / "three.safetensors").machine.groups
        {'x': (3,)}
        """
        from ._design_text import design_text

        _swell._write_machine(path_of(path), self, design_text(self, protocols, dt, name, integrator, patterns))

    def _lack(self) -> str:
        """Why the machine cannot run yet; empty where it can."""
        try:
            return "" if self.units > 0 else "no units"
        except ValueError as error:
            return str(error).removeprefix("machine: ")

    def __repr__(self) -> str:
        if self._lack():
            sizes = ", ".join(f"{name}: {size}" for name, size in self._group_sizes()) or "no"
            return f"Machine({sizes} units; not complete: {self._lack()})"
        groups = ", ".join(f"{name}: {' x '.join(str(n) for n in shape)}" for name, shape in self.groups.items())
        return f"Machine({groups} units; kT = {self.kT:g}; sets: {', '.join(self.sets) or 'none'})"

    def _repr_html_(self) -> str:
        if self._lack():
            return table("Machine, not complete", [(name, f"{size} units") for name, size in self._group_sizes()] + [("lacks", self._lack())])
        rows = [(name, " x ".join(str(n) for n in shape) + " units") for name, shape in self.groups.items()]
        rows += [(f"set {name}", f"{self.parameters(name)} parameters") for name in self.sets]
        return table(f"Machine of {self.units} Langevin units, kT = {self.kT:g} E0", rows)


class Ising(_swell.Ising):
    """A network of p-bits m_i = +1 or -1 with the energy E(m) = -sum_{i<j} J_ij m_i m_j - sum_i h_i m_i.

    Parameters
    ----------
    J : array [units, units], or SciPy-sparse matrix
        Symmetric with zero diagonal.
    h : array [units], optional
        Fields; zero without them.

    Examples
    --------
    >>> import swell
    >>> model = swell.Ising([[0, 1], [1, 0]], [0.5, 0])
    >>> model.energy([1, 1])
    -1.5
    """

    def __init__(self, J: Any, h: Any = None) -> None:
        if is_sparse(J):
            units = int(J.shape[0])
            a, b, values = pairs(J, "J", within=True)
        else:
            matrix = finite(J, "J", 2)
            units = matrix.shape[0]
            if matrix.shape[0] != matrix.shape[1] or not np.array_equal(matrix, matrix.T):
                raise ValueError(f"J of shape {matrix.shape} is not square and symmetric; J_ij = J_ji is needed")
            if matrix.diagonal().any():
                raise ValueError("J has a diagonal; a unit is not coupled to itself")
            rows, columns = np.nonzero(np.triu(matrix))
            a, b, values = rows.astype(np.int64), columns.astype(np.int64), np.ascontiguousarray(matrix[rows, columns])
        super().__init__(units, a, b, values, None if h is None else finite(h, "h", 1))

    @classmethod
    def from_edges(cls, units: int, edges: Any, J: Any, h: Any = None) -> Ising:
        """From pairs of units, [edges, 2] int, and their couplings, a number or [edges]. Several of a pair add up.

        Raises
        ------
        ValueError
            A unit that is not there, one coupled to itself, arrays of other lengths, a number that is not finite.

        Examples
        --------
        >>> import swell
        >>> swell.Ising.from_edges(3, [[0, 1], [1, 2]], [1.0, -1.0])
        Ising(3 p-bits, 2 couplings)
        """
        units, ends = count(units, "units"), whole(edges, "edges")
        if ends.size == 0:
            ends = ends.reshape(0, 2)
        if ends.ndim != 2 or ends.shape[1] != 2:
            raise ValueError(f"edges have shape {ends.shape}; [edges, 2] is needed")
        values = np.ascontiguousarray(np.broadcast_to(finite(J, "J"), ends.shape[:1]))
        made = cls.__new__(cls)
        _swell.Ising.__init__(made, units, np.ascontiguousarray(ends[:, 0]), np.ascontiguousarray(ends[:, 1]), values,
                              None if h is None else finite(h, "h", 1))
        return made

    @classmethod
    def lattice(cls, rows: int, columns: int, J: float, h: float = 0.0) -> Ising:
        """A torus of rows x columns p-bits with coupling J to the four neighbours; each extent at least 3.

        Raises
        ------
        ValueError
            An extent below 3, or a number that is not finite.

        Examples
        --------
        >>> import swell
        >>> swell.Ising.lattice(4, 5, 1.0)
        Ising(20 p-bits, 40 couplings)
        """
        made = cls.__new__(cls)
        _swell.Ising.__init__(made, _swell.Ising._lattice(count(rows, "rows"), count(columns, "columns"),
                                                          number(J, "J"), number(h, "h")))
        return made

    def energy(self, m: Any) -> Any:
        """E(m) of spins +1 and -1, [units] or [..., units]: a number, or an array of the leading shape.

        Raises
        ------
        ValueError
            Other numbers than +1 and -1, or not one for each p-bit.

        Examples
        --------
        >>> import swell
        >>> swell.Ising.lattice(3, 3, 1.0).energy([1] * 9)
        -18.0
        """
        array = np.asarray(m)
        if array.ndim <= 1:
            return self._energy(spins(m, "spins", 1))
        rows = spins(array.reshape(-1, array.shape[-1]), "spins", 2)
        return np.array([self._energy(row) for row in rows]).reshape(array.shape[:-1])

    def local_fields(self, m: Any) -> Floats:
        """I_i = h_i + sum_j J_ij m_j, [units] float64.

        Raises
        ------
        ValueError
            Other numbers than +1 and -1, or not one for each p-bit.

        Examples
        --------
        >>> import swell
        >>> swell.Ising([[0, 2], [2, 0]], [0.5, 0]).local_fields([1, -1]).tolist()
        [-1.5, 2.0]
        """
        return self._fields(spins(m, "spins", 1))

    def edge_list(self) -> tuple[Ints, Floats]:
        """Pairs of units, [edges, 2], and their couplings, [edges]; each pair once. Of a chip whose couplings differ in
        direction each pair twice, as (i, j) with the J_ij of unit j on unit i.

        It takes nothing, so that there are no errors.

        Examples
        --------
        >>> import swell
        >>> pairs, J = swell.Ising([[0, 2], [2, 0]]).edge_list()
        >>> pairs.tolist(), J.tolist()
        ([[0, 1]], [2.0])
        """
        start, neighbour, J = self._rows()[:3]
        row = np.repeat(np.arange(self.units), np.diff(start))
        upper = np.ones(len(row), dtype=bool) if self._rows()[6] else row < neighbour
        return np.stack([row[upper], neighbour[upper].astype(np.int64)], axis=1), J[upper]

    def __repr__(self) -> str:
        return f"Ising({self.units} p-bits, {self.edges} couplings)"

    def _repr_html_(self) -> str:
        return table("Ising model", [("p-bits", str(self.units)), ("couplings", str(self.edges))])


class LinearSystem(_swell.LinearSystem):
    """Fluctuating quantities z with dz = -(M z - c) dt + B dW, B B^T = noise; M any matrix.

    Parameters
    ----------
    drift : array [units, units]
        M, 1/time.
    noise : array [units, units]
        B B^T at kT = 1 of a protocol, which scales it. Symmetric, positive semidefinite. 2 times the unit matrix for
        overdamped units with mu = 1.
    c : array [units], optional
        Zero without it.
    stiffness : array [units, units], optional
        K of the stored energy V = z K z / 2 - z K M^-1 c, in E0. It is needed for work and heat where noise leaves
        directions out, as in networks with momenta or inductors. K^-1 must be the covariance at equilibrium.

    Notes
    -----
    Where all modes decay, z ~ N(M^-1 c, S) at equilibrium with M S + S M^T = noise (C. Gardiner, Handbook of
    Stochastic Methods, 4.4.6).

    Examples
    --------
    >>> import swell
    >>> swell.LinearSystem([[1, 0.2], [0.2, 2]], [[2, 0], [0, 2]])
    LinearSystem(2 quantities)

    A mass on a spring, x and its speed, with friction 0.5 that goes along with the noise:

    >>> mass = swell.LinearSystem([[0, -1], [2, 0.5]], [[0, 0], [0, 1]], stiffness=[[2, 0], [0, 1]])
    >>> swell.run(mass, swell.Protocol().segment("rest", 5.0, 0), dt=0.1, integrator="exact").books_known
    True
    """

    def __init__(self, drift: Any, noise: Any, c: Any = None, stiffness: Any = None) -> None:
        matrix = finite(drift, "drift", 2)
        super().__init__(
            matrix, np.zeros(matrix.shape[0]) if c is None else finite(c, "c", 1), finite(noise, "noise", 2),
            None if stiffness is None else finite(stiffness, "stiffness", 2),
        )

    def __repr__(self) -> str:
        return f"LinearSystem({self.units} quantities)"

    def _repr_html_(self) -> str:
        return table("Linear system", [("quantities", str(self.units)), ("equation", "dz = -(M z - c) dt + B dW")])
