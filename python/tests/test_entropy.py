"""Random bits from outside: the same bytes from a function, a file and a tape; what is wrong ends with a sentence."""

import numpy as np
import pytest

import swell

SOUND = np.random.default_rng(5).bytes(400_000)


def giver(data):
    place = [0]

    def give(count):
        part = data[place[0]:place[0] + min(count, 7777)]
        place[0] += len(part)
        return part if part else None

    return give


def machines():
    ring = np.roll(np.eye(9), 1, axis=0)
    langevin = swell.Machine(kT=0.4).group("x", 9, J2=-1.0, J4=0.5)
    langevin.couplings("ring").couple("x", "x", -0.2 * (ring + ring.T))
    drift = np.array([[2.0, 1.0], [1.0, 3.0]])
    return {
        "langevin": (langevin, swell.Protocol().segment("s", 2.0, "ring"), {"dt": 0.01}),
        "p-bits": (swell.Ising.from_edges(9, [[k, (k + 1) % 9] for k in range(9)], np.full(9, 0.7)),
                   swell.Protocol().segment("s", 20, 0, kT=1.0), {}),
        "linear": (swell.LinearSystem(drift, 2 * np.eye(2)), swell.Protocol().segment("s", 1.0, 0),
                   {"dt": 0.05, "integrator": "exact"}),
    }


@pytest.mark.parametrize("kind", ["langevin", "p-bits", "linear"])
@pytest.mark.parametrize("use", ["all", "keys"])
def test_a_function_a_file_and_their_tape_give_the_same_bytes(kind, use, tmp_path):
    machine, protocol, options = machines()[kind]
    (tmp_path / "bytes").write_bytes(SOUND)

    def states(source):
        run = swell.run(machine, protocol, trajectories=6, entropy=source, **options)
        assert not run.interrupted
        return run.states.array.copy()

    live = swell.entropy.open(giver(SOUND), use=use, tape=tmp_path / "run.tape")
    first = states(live)
    second = states(live)
    live.close()
    assert not np.array_equal(first, second)
    for source in (tmp_path / "bytes", f"tape:{tmp_path}/run.tape"):
        again = swell.entropy.open(source, use=use)
        assert np.array_equal(states(again), first)
        assert np.array_equal(states(again), second)
    seeded = swell.run(machine, protocol, trajectories=6, seed=live.seed, **options).states.array
    assert not np.array_equal(seeded, first)


def test_what_goes_wrong_is_an_exception_with_its_reason():
    machine, protocol, options = machines()["langevin"]

    def broken(count):
        raise RuntimeError("the cable is out")

    with pytest.raises(OSError, match="the cable is out"):
        swell.entropy.open(broken)
    with pytest.raises(OSError, match="bytes or None"):
        swell.entropy.open(lambda count: "text")
    with pytest.raises(OSError, match="start-up"):
        swell.entropy.open(giver(SOUND[:500]))
    with pytest.raises(OSError, match="repetition count"):
        swell.entropy.open(giver(bytes(5000)))
    with pytest.raises(ValueError, match="9"):
        swell.entropy.open("os", bits_per_symbol=9)
    with pytest.raises(ValueError, match="most"):
        swell.entropy.open("os", use="most")
    with pytest.raises(TypeError, match="int"):
        swell.entropy.open(3)
    source = swell.entropy.open("os")
    with pytest.raises(ValueError, match="seed"):
        swell.run(machine, protocol, entropy=source, seed=1, **options)
    with pytest.raises(TypeError, match="str"):
        swell.run(machine, protocol, entropy="os", **options)


def test_a_source_that_ends_leaves_the_trajectories_that_had_their_bits():
    machine, protocol, options = machines()["langevin"]
    image = 200 * 3 * 16  # bytes of a trajectory: 200 steps, 9 units in blocks of four
    source = swell.entropy.open(giver(SOUND[:16 + 4 * image + 100]))
    with pytest.warns(RuntimeWarning, match="ended after"):
        run = swell.run(machine, protocol, trajectories=6, tile=1, threads=1, entropy=source, **options)
    assert run.interrupted and run.trajectories == 4
    nothing = swell.entropy.open(giver(SOUND[:5000]))
    with pytest.raises(OSError, match="ended after"):
        swell.run(machine, protocol, trajectories=6, entropy=nothing, **options)


def test_less_than_full_entropy_is_conditioned():
    source = swell.entropy.open(giver(SOUND), min_entropy=5)
    assert source.is_conditioned and not source.is_biased
    raw = swell.entropy.open(giver(SOUND), min_entropy=5, conditioning="none")
    assert raw.is_biased


def test_assessment_takes_what_is_an_array_of_symbols():
    rng = np.random.default_rng(3)
    found = swell.entropy.assess(rng.integers(0, 16, 30000), bits_per_symbol=4)
    assert 2.5 < found["H_assessed"] <= 4 and len(found["of_bits"]) == 10
    same = swell.entropy.assess(np.random.default_rng(3).integers(0, 16, 30000).astype(np.uint8), 4, threads=1)
    assert found == same
    for wrong in (np.zeros((3, 3), int), np.ones(5) * 0.5, np.array([1, 300]), np.array([-1, 2]), np.array([], int), b"x"):
        with pytest.raises(ValueError):
            swell.entropy.assess(wrong)
    with pytest.raises(ValueError, match="4"):
        swell.entropy.assess(np.arange(100) % 32, bits_per_symbol=4)


def test_images_are_those_of_the_tape(tmp_path):
    generator = swell.Generator().fit(tolerance=0.05)
    size = 16 + 2 * 5000 * 1296 * 4
    data = np.random.default_rng(8).bytes(size + 4096)
    live = swell.entropy.open(giver(data), tape=tmp_path / "a.tape")
    first = generator.sample(2, entropy=live).images
    live.close()
    again = generator.sample(2, entropy=swell.entropy.open(f"tape:{tmp_path}/a.tape")).images
    assert np.array_equal(first, again)
    assert not np.array_equal(first, generator.sample(2, seed=live.seed).images)


def test_any_buffer_of_bytes_will_do():
    for kind in (bytes, bytearray, memoryview, lambda data: np.frombuffer(data, np.uint8)):
        data = giver(SOUND)
        source = swell.entropy.open(lambda count, data=data, kind=kind: kind(data(count)))
        assert source.status()["raw_bytes"] >= 1024
    for wrong, name in (("abc", "str"), (7, "int"), ([1, 2], "list")):
        with pytest.raises(OSError, match=f"gave {name}; bytes or None are needed"):
            swell.entropy.open(lambda count, wrong=wrong: wrong)

    def unplugged(count):
        raise RuntimeError("no cable")

    with pytest.raises(OSError, match="^the source raised RuntimeError: no cable$"):
        swell.entropy.open(unplugged)


def test_what_a_tape_says_itself_is_not_to_be_said_again(tmp_path):
    tape = f"tape:{tmp_path / 'x.tape'}"
    swell.entropy.open(giver(SOUND), tape=tmp_path / "x.tape").close()
    swell.entropy.open(tape, conditioning="sha256", use="keys").close()
    for name, value in (("tape", "y.tape"), ("min_entropy", 7), ("bits_per_symbol", 4), ("symbol_per_byte", True),
                        ("alpha", 0.01), ("device", "x"), ("most_wait", 3)):
        with pytest.raises(ValueError, match=f"{name}="):
            swell.entropy.open(tape, **{name: value})
    for name, value in (("most_wait", -1), ("most_wait", float("nan")), ("steps_per_key_log2", 100), ("steps_per_key_log2", -1)):
        with pytest.raises(ValueError, match=name):
            swell.entropy.open("os", **{name: value})
    with pytest.raises(ValueError, match="is the source"):
        (tmp_path / "noise").write_bytes(SOUND)
        swell.entropy.open(tmp_path / "noise", tape=tmp_path / "noise")
    assert (tmp_path / "noise").read_bytes() == SOUND
