"""Work that is shared among the processes of an mpi4py communicator (docs/clusters.md)."""

from __future__ import annotations

from typing import Any

__all__ = ["Ranks", "shared"]


class Ranks:
    """What the library asks of a communicator. Numbers stay where they are: mpi4py reads and writes their memory."""

    def __init__(self, comm: Any) -> None:
        try:
            from mpi4py import MPI
        except (ImportError, RuntimeError) as error:  # without the library of MPI it is a RuntimeError
            raise ImportError(f"comm= shares work by mpi4py, which is not here ({error}): pip install mpi4py, beside an MPI such as "
                              "apt-get install libopenmpi-dev (docs/clusters.md)") from error
        if not isinstance(comm, MPI.Intracomm) or comm == MPI.COMM_NULL:
            raise TypeError(f"comm cannot be {comm!r}; a communicator of mpi4py is, such as MPI.COMM_WORLD")
        if MPI.Query_thread() < MPI.THREAD_SERIALIZED:
            raise ValueError("comm= needs MPI with threads: mpi4py.rc.thread_level is 'serialized' or 'multiple' (its default)")
        self._comm, self._mpi = comm, MPI
        self.rank, self.size = comm.Get_rank(), comm.Get_size()
        near = comm.Split_type(MPI.COMM_TYPE_SHARED)
        self.neighbours = near.Get_size()
        near.Free()

    def sizes(self, mine: int) -> list[int]:
        sizes: list[int] = self._comm.allgather(mine)
        return sizes

    def broadcast(self, memory: memoryview, root: int) -> None:
        self._comm.Bcast([memory, self._mpi.BYTE], root=root)

    def send(self, memory: memoryview) -> None:
        self._comm.Send([memory, self._mpi.BYTE], dest=0)

    def receive(self, memory: memoryview, source: int) -> None:
        self._comm.Recv([memory, self._mpi.BYTE], source=source)

    def add(self, numbers: memoryview) -> None:
        self._comm.Allreduce(self._mpi.IN_PLACE, [numbers, self._mpi.INT64_T], op=self._mpi.SUM)


def shared(options: dict[str, Any]) -> dict[str, Any]:
    """Options that were given, with comm as what the library takes."""
    given = {name: value for name, value in options.items() if value is not None}
    if "comm" in given:
        given["ranks"] = Ranks(given.pop("comm"))
    return given
