#!/usr/bin/env python3
"""Writes the seed files of the fuzz targets: corpus/<target>/<name>, the same bytes each time."""

import gzip
import io
import json
import pathlib
import struct
import zipfile
import zlib

CORPUS = pathlib.Path(__file__).parent / "corpus"
NAN8 = struct.pack("<d", float("nan"))


def write(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def npy(descr, shape, data, fortran=False, version=1, length=None):
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    fixed = 10 if version == 1 else 12
    header += " " * (63 - (fixed + len(header)) % 64) + "\n"
    size = struct.pack("<H" if version == 1 else "<I", len(header) if length is None else length)
    return b"\x93NUMPY" + bytes([version, 0]) + size + header.encode() + data


def make_matrix_market():
    head = "%%MatrixMarket matrix {} {} {}\n"
    general = head.format("coordinate", "real", "general")
    files = {
        "general": general + "% a comment\n2 3 2\n1 3 2.5\n2 1 -1e1\n",
        "symmetric": head.format("coordinate", "integer", "symmetric") + "3 3 3\n1 1 4\n2 1 -1\n3 3 4\n",
        "pattern": head.format("coordinate", "pattern", "general") + "2 2 1\n2 1\n",
        "skew": head.format("array", "real", "skew-symmetric") + "2 2\n7\n",
        "array": head.format("array", "real", "general") + "2 2\n1\n2\n3\n4\n",
        "complex": head.format("coordinate", "complex", "hermitian") + "1 1 1\n1 1 1 0\n",
        "truncated": general + "2 2 2\n1 1 1.5\n",
        "huge": general + "1000000000000 1000000000000 1000000000000\n1 1 1\n",
        "huge_array": head.format("array", "real", "symmetric") + "1000000000 1000000000\n1\n",
        "outside": general + "2 2 1\n3 1 1\n",
        "twice": general + "2 2 2\n1 1 1\n1 1 1\n",
        "nan": general + "1 1 1\n1 1 nan\n",
    }
    for name, text in files.items():
        write("matrix_market", name + ".mtx", text.encode())


def make_npy():
    f4 = npy("<f4", (2, 3), struct.pack("<6f", *range(6)))
    write("npy", "f4.npy", f4)
    write("npy", "f8_fortran.npy", npy("<f8", (2, 2), struct.pack("<4d", *range(4)), fortran=True))
    write("npy", "i2_big.npy", npy(">i2", (3,), struct.pack(">3h", -1, 0, 1)))
    write("npy", "u1_version2.npy", npy("|u1", (4,), bytes(4), version=2))
    write("npy", "i8_version3.npy", npy("<i8", (1,), bytes(8), version=3))
    write("npy", "scalar.npy", npy("<f8", (), bytes(8)))
    write("npy", "empty.npy", npy("<u4", (0, 5), b""))
    write("npy", "nan.npy", npy("<f8", (4,), 4 * NAN8))
    write("npy", "truncated.npy", f4[:-5])
    write("npy", "truncated_header.npy", f4[:40])
    write("npy", "oversized_header.npy", npy("<f4", (1,), bytes(4), version=2, length=2**32 - 1))
    write("npy", "oversized_shape.npy", npy("<f8", (2**32, 2**32), bytes(8)))
    write("npy", "f2.npy", npy("<f2", (2,), bytes(4)))
    write("npy", "b1.npy", npy("|b1", (3,), bytes(3)))
    write("npy", "python2.npy", npy("<i4", "(2L, 1L)", bytes(8)))
    fields = "{'descr': [('x', '<f4'), ('y', '<i8')], 'fortran_order': False, 'shape': (1,), }"
    write("npy", "structured.npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(fields)) + fields.encode() + bytes(12))
    write("npy", "object.npy", npy("|O", (1,), bytes(8)))
    write("npy", "wrong_magic.npy", b"\x93NUMPZ" + f4[6:])


def npz(members, method=zipfile.ZIP_STORED, large=False):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            with archive.open(info, "w", force_zip64=large) as member:
                member.write(data)
    return out.getvalue()


def make_npz():
    f4, u1 = npy("<f4", (2, 3), struct.pack("<6f", *range(6))), npy("|u1", (4,), bytes(4))
    stored, deflated = npz({"a.npy": f4}), npz({"a.npy": f4, "b.npy": u1}, zipfile.ZIP_DEFLATED, True)
    write("npz", "stored.npz", stored)
    write("npz", "deflated.npz", deflated)
    write("npz", "other.npz", npz({"readme.txt": b"hello"}))
    write("npz", "empty.npz", npz({}))
    write("npz", "array.npy.gz", gzip.compress(f4, mtime=0))
    write("npz", "truncated.npz", deflated[:-40])
    write("npz", "no_body.npz", stored[-120:])
    write("npz", "huge.npz", stored[:-22] + b"PK\5\6" + bytes(4) + b"\xff" * 14 + bytes(2))


def make_csv():
    write("csv", "names.csv", b"\xef\xbb\xbfz,\"target, 1\"\r\n0.5,-1\r\n\r\n+1,2e3\r\n")
    write("csv", "semicolons.csv", b"# made by hand\n1;2\n3;4")
    write("csv", "blanks.txt", b"1 2  3\n4 5 6\n")
    write("csv", "tabs.tsv", b"1\t2\r3\t4\r")
    write("csv", "quote.csv", b"1,\"2\n")
    write("csv", "ragged.csv", b"1,2\n3\n")
    write("csv", "wrong.csv", b"1,x\n")
    write("csv", "huge.csv", b"1e999,-1e-999,nan\n")


def idx(shape, data, kind=8):
    return bytes([0, 0, kind, len(shape)]) + b"".join(struct.pack(">I", n) for n in shape) + data


def make_idx():
    images = idx((2, 3, 4), bytes(range(24)))
    zipped = gzip.compress(images, mtime=0)
    write("idx", "images.idx", images)
    write("idx", "labels.idx", idx((5,), bytes(range(5))))
    write("idx", "four.idx", idx((1, 2, 2, 1), bytes(4)))
    write("idx", "images.idx.gz", zipped)
    write("idx", "two_members.idx.gz", gzip.compress(images[:9], mtime=0) + gzip.compress(images[9:], mtime=0))
    write("idx", "truncated.idx", images[:-1])
    write("idx", "truncated.idx.gz", zipped[:-6])
    write("idx", "truncated_header.idx", images[:7])
    write("idx", "oversized_header.idx", idx((2**32 - 1,) * 4, bytes(8)))
    write("idx", "zeros.idx.gz", gzip.compress(idx((100000,), bytes(100000)), mtime=0))
    write("idx", "floats_nan.idx", idx((1,), struct.pack(">f", float("nan")), kind=13))
    write("idx", "shorts.idx", idx((2,), struct.pack(">2h", -1, 300), kind=11))
    write("idx", "table.idx", idx((2, 8), struct.pack(">16i", *range(16)), kind=12))
    write("idx", "doubles.idx", idx((1, 2), struct.pack(">2d", 0.5, -1), kind=14))
    write("idx", "odd.idx", idx((1, 2), bytes(9), kind=12))
    write("idx", "wrong_magic.idx", b"\x01" + images[1:])


def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def make_safetensors():
    def put(name, *arguments, **options):
        write("safetensors", name + ".safetensors", safetensors(*arguments, **options))

    two = {"__metadata__": {"format": "swell"}, "J": tensor("F64", [2, 1], 0, 16), "b": tensor("F32", [1], 16, 20)}
    put("two", two, bytes(20))
    put("halves", {"h": tensor("F16", [2], 0, 4), "b": tensor("BF16", [1], 4, 6)}, bytes(6))
    put("empty", {})
    put("no_elements", {"a": tensor("F32", [0, 3], 0, 0)})
    put("nan", {"a": tensor("F64", [2], 0, 16)}, 2 * NAN8)
    put("truncated", two, bytes(19))
    put("truncated_header", two, length=1000)
    put("oversized_header", {}, length=2**64 - 1)
    put("overlap", {"a": tensor("F32", [2], 0, 8), "b": tensor("F32", [1], 4, 8)}, bytes(8))
    put("hole", {"a": tensor("F32", [1], 0, 4), "b": tensor("F32", [1], 8, 12)}, bytes(12))
    put("overflow", {"a": tensor("F32", [2**32, 2**32], 0, 0)})
    put("duplicate", b'{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{}}')
    put("deep", b'{"a":' + b"[" * 200)
    put("wrong_magic", b"[]")


TINY_DESIGN = """name = "tiny"
kT = 0.1
dt = 0.1
group = [{ name = "v", shape = [2, 2], J2 = 1, pattern = "data" }, { name = "h", shape = [3], J4 = 1, pattern = "repeat" }]
coupling = [{ between = ["v", "h"] }, { between = ["h", "h"] }]
bias = [{ group = "h" }]
[[protocol.noising]]
duration = 0.2
drive = { v = 2, h = [[0, 2], [1, 0]] }
learned = true
[[protocol.generation]]
duration = 0.2
couplings = "learned"
"""


def make_model():
    """Trained computers of 2 x 2 + 3 units with two training images, whole and with one fault each."""
    within = (0, 1, 2, 1, 0, 3, 2, 3, 0)
    tensors = {"learned.J.h.h": ([3, 3], within), "learned.J.v.h": ([4, 3], range(12)), "learned.b.h": ([3], range(3)),
               "training.images": ([2, 2, 2], (1, -1, 1, -1, 1, 1, -1, -1)), "training.labels": ([2], (4, 9))}

    def model(changed={}, **metadata):
        header = {"__metadata__": {"swell": "1", "design": TINY_DESIGN, "training": '{"method":"exact"}'} | metadata}
        data = b""
        for name, (shape, values) in (tensors | changed).items():
            if not values:
                continue
            part = struct.pack(f"<{len(values)}f", *values)
            header[name] = tensor("F32", shape, len(data), len(data) + len(part))
            data += part
        return safetensors(header, data)

    def put(name, data):
        write("model", name + ".safetensors", data)

    put("tiny", model())
    put("truncated", model()[:-9])
    put("no_images", model({"training.images": ([], ()), "training.labels": ([], ())}))
    put("missing", model({"learned.b.h": ([], ())}))
    put("wrong_shape", model({"learned.J.v.h": ([3, 4], range(12))}))
    put("asymmetric", model({"learned.J.h.h": ([3, 3], (0, 1, 2, 4, 0, 3, 2, 3, 0))}))
    put("nan", model({"learned.b.h": ([3], 3 * (float("nan"),))}))
    put("bright", model({"training.images": ([1, 2], (1, 2)), "training.labels": ([1], (-1,))}))
    put("version", model(swell="2"))
    put("bad_design", model(design="name = 'x'"))
    put("bad_training", model(training="[]"))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, extra=b"", interlace=0):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def make_png():
    gray = png(2, 2, 8, 0, b"\x00\x01\x02\x00\x03\x04")
    write("png", "gray8.png", gray)
    write("png", "rgb8.png", png(1, 2, 8, 2, b"\x00\x01\x02\x03\x01\x04\x05\x06"))
    write("png", "gray1.png", png(4, 1, 1, 0, b"\x00\x90"))
    write("png", "gray16.png", png(2, 1, 16, 0, b"\x00\x00\x00\xff\xff"))
    write("png", "middle16.png", png(2, 1, 16, 0, b"\x00\x80\x00\xff\xff"))
    write("png", "ink.png", png(2, 1, 8, 6, b"\x00\x00\x00\x00\xff\x00\x00\x00\x00"))
    write("png", "palette.png", png(2, 1, 1, 3, b"\x00\x40", extra=chunk(b"PLTE", b"\xff\x00\x00\x00\x00\xff")))
    write("png", "rgba.png", png(2, 1, 8, 6, b"\x00\x0a\x14\x1e\xff\x63\x63\x63\x00"))
    passes = [(1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4)]  # width, height of Adam7's passes of 8 x 8
    rows = b"".join((b"\x00" + bytes(range(w))) * h for w, h in passes)
    write("png", "interlaced.png", png(8, 8, 8, 0, rows, interlace=1))
    write("png", "nan_gamma.png", png(2, 2, 8, 0, b"\x00\x01\x02\x00\x03\x04", extra=chunk(b"gAMA", b"\xff" * 4)))
    write("png", "truncated.png", gray[:-20])
    write("png", "truncated_header.png", gray[:20])
    write("png", "huge.png", png(20000, 1, 8, 0, bytes(20001)))
    write("png", "oversized_header.png", png(2**31 - 1, 2**31 - 1, 8, 0, b"\x00"))
    write("png", "hollow.png", png(8000, 8000, 8, 0, b"\x00"))
    write("png", "oversized_chunk.png", gray[:33] + b"\xff\xff\xff\xff" + gray[37:])
    write("png", "bad_crc.png", gray[:-14] + bytes([gray[-14] ^ 1]) + gray[-13:])
    write("png", "wrong_magic.png", b"\x88" + gray[1:])


def make_models():
    names = ["a", "b", ["x", 1]]
    model = {"type": "BinaryQuadraticModel", "use_bytes": False, "variable_labels": names, "variable_type": "SPIN",
             "offset": 10.125, "linear_biases": [-1.5, 2.25, 0], "quadratic_biases": [-3, 1.75],
             "quadratic_head": [0, 1], "quadratic_tail": [1, 2]}
    write("bqm_json", "model.json", json.dumps(model).encode())
    write("bqm_json", "list.json", b"[1, 2]")
    write("bqm_json", "deep.json", b"[" * 5000)
    terms = {"variable_domain": "boolean", "scale": 0.5, "offset": 1, "variable_ids": [4, 7],
             "linear_terms": [{"id": 4, "coeff": -3}], "quadratic_terms": [{"id_tail": 4, "id_head": 7, "coeff": 2}]}
    write("bqpjson", "model.json", json.dumps(terms).encode())
    for version in (1, 2):
        header = json.dumps({"dtype": "float64", "itype": "int32", "ntype": "int32", "shape": [3, 2], "vartype": "SPIN",
                             "variables": names if version == 1 else True}).encode() + b"\n"
        body = struct.pack("<d", 10.125)
        body += b"".join(struct.pack("<id", *row) for row in [(0, -1.5), (1, 2.25), (3, 0)])
        body += b"".join(struct.pack("<id", *row) for row in [(1, -3), (0, -3), (2, 1.75), (1, 1.75)])
        labels = json.dumps(names).encode()
        tail = b"VARS" + struct.pack("<I", len(labels)) + labels if version == 2 else b""
        file = b"DIMODBQM" + bytes([version, 0]) + struct.pack("<I", len(header)) + header + body + tail
        write("bqm_binary", f"version{version}.bqm", file)
        write("bqm_binary", f"truncated{version}.bqm", file[:-30])


def make_optimisation():
    write("rudy", "graph.txt", b"3 2\n1 2 1\n2 3 -2.5\n")
    write("rudy", "truncated.txt", b"3 2\n1 2 1\n")
    write("rudy", "huge.txt", b"3 1000000000\n1 2 1\n")
    write("rudy", "twice.txt", b"3 2\n1 2 1\n2 1 1\n")
    write("rudy", "dimacs.col", b"c x\np edge 3 2\nn 1 2\ne 1 2\ne 2 3 -1\n")
    write("rudy", "comments.txt", b"\xef\xbb\xbf# x\n3 1\r% y\r1 2 1 // z\n")
    write("wcnf", "old.wcnf", b"c x\np wcnf 3 2 9\n9 1 -2 0\n4 3 0\n")
    write("wcnf", "new.wcnf", b"c x\nh 1 -2 0\n4 3 0\n0 0\n")
    write("wcnf", "overflow.wcnf", b"p wcnf 1 1\n99999999999999999999 1 0\n")
    write("or_library", "two.txt", b"2\n2 1\n1 2 5\n1 1\n1 1 -3\n")
    write("or_library", "huge.txt", b"1\n1000000000 1000000000\n1 1 1\n")
    write("dense_qubo", "small.mat", b"2\n1 2\n2 -3\n")
    write("dense_qubo", "huge.mat", b"30000\n1 2\n")
    write("coo", "spin.coo", b"# vartype=SPIN\n0 0 1.5\n0 4 -1\n4 0 2\n")
    write("coo", "none.coo", b"0 1 1\n")
    make_models()
    for name, text in [("a.csv", b"a,b\n1,2\n"), ("b.json", b'{"type": "FeatureCollection"}'), ("c.lp", b"Minimize\n x\n"),
                       ("d.xml", b"<osm>"), ("e.bin", b"\x89PNG\0"), ("f.txt", b"5 6\n1 2\n")]:
        write("problem_kind", name, text)
    write("qubo", "small.qubo", b"c\np qubo 0 3 1 1\n0 0 -1.5\n0 2 4\n")
    write("qubo", "nan.qubo", b"p qubo 0 3 1 1\n0 0 nan\n0 2 4\n")
    write("cnf", "small.cnf", b"c\np cnf 3 2\n1 -2 3 0\n-1 0\n")
    write("cnf", "truncated.cnf", b"p cnf 3 2\n1 -2")
    write("cnf", "overflow.cnf", b"p cnf 3 1\n99999999999999999999 0\n")
    head = b"NAME: t\nTYPE: TSP\nDIMENSION: 3\n"
    write("tsplib", "places.tsp", head + b"EDGE_WEIGHT_TYPE: GEO\nNODE_COORD_SECTION\n1 0 0\n2 3 4\n3 1 1\nEOF\n")
    explicit = head + b"EDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: %s\nEDGE_WEIGHT_SECTION\n%s\nEOF\n"
    write("tsplib", "full.tsp", explicit % (b"FULL_MATRIX", b"0 1 2\n1 0 3\n2 3 0"))
    write("tsplib", "lower.tsp", explicit % (b"LOWER_DIAG_ROW", b"0 1 0 2 3 0"))
    write("tsplib", "decimals.tsp", explicit % (b"UPPER_COL", b"0.5 123456.789012345\r\n1e-3"))
    write("tsplib", "fixed.tsp", b"\xef\xbb\xbf" + head + b"EDGE_WEIGHT_TYPE: XRAY2\rFIXED_EDGES_SECTION\r1 2\r-1\rTOUR_SECTION\r1\r2\r-1\r"
          b"NODE_COORD_SECTION\r1 0 0 0\r2 3 4 5\r3 359 1 1\rDISPLAY_DATA_SECTION\r1 0 0\r2 3 4\r3 1 1\rEOF\r")
    write("tsplib", "circle.tsp", head + b"EDGE_WEIGHT_TYPE: MAN_2D\nFIXED_EDGES_SECTION\n1 2 2 1 1 1\n")
    write("tsplib", "huge.tsp", b"DIMENSION: 999999\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n")


def make_streets():
    town = b"# t\njunction a 0 0\njunction b 1 2\ndepot b\nend anywhere\nstreet a b 2.5 duty reward 3 name Long Lane\n"
    write("street_lines", "town.streets", town)
    write("street_lines", "parts.streets", town + b"junction c 3 3\nstreet a b 1 oneway\nstreet c c 0 name \"a duty\" duty\n")
    write("street_lines", "negative.streets", town + b"street a b -1\n")
    line = '{"type":"Feature","properties":%s,"geometry":{"type":"LineString","coordinates":%s}}'
    features = [line % ('{"name":"Long","duty":true,"oneway":"-1"}', "[[8,47],[8.001,47],[8.002,47]]"),
                line % ('{"length":300,"reward":2}', "[[8.001,47],[8.001,47.002]]"),
                '{"type":"Feature","properties":{"depot":1},"geometry":{"type":"Point","coordinates":[8,47]}}']
    write("geojson_streets", "town.geojson", ('{"type":"FeatureCollection","features":[%s]}' % ",".join(features)).encode())
    write("geojson_streets", "huge.geojson", (line % ("{}", "[[1e300,-1e300],[0,0]]")).encode())
    write("geojson_streets", "deep.geojson", b'{"a":' + b"[" * 500)
    osm = ('<osm><node id="1" lat="47" lon="8"/><node id="2" lat="47.001" lon="8"><tag k="depot" v="yes"/></node>'
           '<way id="9"><nd ref="1"/><nd ref="2"/><nd ref="7"/><tag k="highway" v="service"/><tag k="oneway" v="-1"/></way></osm>')
    write("osm_streets", "town.osm", osm.encode())
    write("osm_streets", "pole.osm", osm.replace("47.001", "90").encode())
    write("osm_streets", "truncated.osm", osm[:90].encode())
    write("osm_streets", "entities.osm", b'<!DOCTYPE o [<!ENTITY a "&b;&b;"><!ENTITY b "&a;">]><osm>&a;</osm>')
    graphml = ('<graphml><key id="w" for="edge" attr.name="weight"/><key id="g" for="edge" attr.name="geometry"/>'
               '<graph edgedefault="directed"><node id="a"/><node id="b"/><edge source="a" target="b"><data key="w">3</data>'
               '<data key="g">LINESTRING (0 0, 1 1, 2 2)</data></edge><edge source="b" target="a"><data key="w">2</data></edge>'
               "</graph></graphml>")
    write("graphml_streets", "town.graphml", graphml.encode())
    write("graphml_streets", "truncated.graphml", graphml[:150].encode())
    write("csv_streets", "town.csv", b'name;from;to;length;oneway\r\n"a ""b""";1;2;10;yes\r\n;2;1;3;-1\r\n')
    write("csv_streets", "places.csv", b"lon1,lat1,lon2,lat2\n8,47,8.001,47\n")
    write("csv_streets", "bare.csv", b"a,b,1e400\n")



def make_entropy():
    header = {"source": "a device", "device": "", "recorded": "2026-11-26T00:00:00Z", "bits_per_symbol": 8, "min_entropy": 7.5,
              "alpha": 1e-9, "symbol_per_byte": False, "bytes": 5, "sha256": "0" * 64, "failure": ""}
    write("tape_header", "good", b"swell tape 1\n" + json.dumps(header).encode())
    write("tape_header", "cut_off", b"swell tape 1\n" + json.dumps(header | {"sha256": ""}).encode())
    write("tape_header", "bits", b"swell tape 1\n" + json.dumps(header | {"bits_per_symbol": 1e300}).encode())
    write("tape_header", "nested", b"swell tape 1\n" + b"[" * 3000)
    write("entropy_description", "lab.toml", b'source = "https://x/{bytes}"\ndevice = "7"\nbits_per_symbol = 4\nmin_entropy = 3.5\n'
          b'alpha = 1e-6\nconditioning = "sha256"\nmost_wait = "2m"\n[http]\nheaders = "k"\nrequest_bytes = 512\nevery = "1s"\n'
          b'field = "/data"\nattempts = 9\ntimeout = "5s"\nauthority = "ca.pem"\n')
    write("entropy_description", "pipe.toml", b'source = "device"\nbits_per_symbol = 3\nsymbol_per_byte = true\n')
    write("entropy_description", "wrong.toml", b"source = 1e999\n[http]\nattempts = nan\n")
    write("entropy_answer", "numbers", b'{"data": [0, 255, 7], "success": true}')
    write("entropy_answer", "hexadecimal", b'{"data": "00ffA7"}')
    write("entropy_answer", "base64", b'{"data": "Zm9vYg=="}')
    write("entropy_answer", "wrong", b'{"data": [1e99, -1, "\\ud800", null]}')

if __name__ == "__main__":
    make_entropy()
    make_optimisation()
    make_streets()
    make_npy()
    make_npz()
    make_csv()
    make_matrix_market()
    make_idx()
    make_safetensors()
    make_model()
    make_png()
