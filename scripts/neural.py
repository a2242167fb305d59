#!/usr/bin/env python3
"""Measures the machines of docs/neural.md with the program itself, and writes its tables and pictures.

    scripts/neural.py                      tables from docs/neural.json
    scripts/neural.py --measure PART...    measures first: classes trade functions genetic fashion, or all

Needs the sets (`swell data mnist`, `swell data fashion-mnist`). Trained machines are kept in --folder (default build/neural)
and trained anew only where they are not there. All parts take about forty minutes on two quiet cores.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess

from pages import fill, table

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "neural.json"
PAGE = ROOT / "docs" / "neural.md"
PICTURES = ROOT / "docs" / "pictures"
OUTPUTS = "hidden-output,output-output,output"
TEMPERATURES = "0.02,0.05,0.1,0.2,0.5"


class Bench:
    def __init__(self, program, folder):
        self.program, self.folder = str(program), folder
        folder.mkdir(parents=True, exist_ok=True)

    def swell(self, *command):
        print("swell", *command, flush=True)
        done = subprocess.run([self.program, *map(str, command), "--json", "-"], stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"swell {' '.join(map(str, command))}: exit code {done.returncode}")
        return json.loads(done.stdout)

    def design(self, name, changes):
        """A design of designs/ with some lines changed, as a file of its own."""
        if not changes:
            return ROOT / "designs" / f"{name}.toml"
        text = (ROOT / "designs" / f"{name}.toml").read_text()
        for old, new in changes:
            if text.count(old) != 1:
                raise SystemExit(f"designs/{name}.toml: '{old}' stands there {text.count(old)} times, not once")
            text = text.replace(old, new)
        path = self.folder / ("-".join([name, *[re.sub(r"\W+", "_", new) for _, new in changes]]) + ".toml")
        path.write_text(text)
        return path

    def trained(self, label, design, *options):
        model, report = self.folder / f"{label}.safetensors", self.folder / f"{label}.json"
        if not report.exists():
            result = self.swell("neural", "train", design, *options, "--save", model)
            report.write_text(json.dumps(result["result"]))
        return model, json.loads(report.read_text())

    def tested(self, label, model, *options):
        result = self.swell("neural", "test", model, *options, "-o", self.folder / f"{label}-test")
        figures = {key: value for key, value in result["result"].items() if key not in ("training", "machine")}
        training = {key: value for key, value in result["result"]["training"].items() if key != "source"}
        return {"training": training, "machine": result["result"]["machine"], "test": figures,
                "heat_kT": result["bill"]["device"]["heat"]}


def classes(bench):
    rows = {}
    model, _ = bench.trained("guide2026", bench.design("guide2026", []), "--data", "mnist", "--method", "exact")
    rows["guide2026"] = bench.tested("guide2026", model, "--data", "mnist", "--kT", "100")
    refined, _ = bench.trained("guide2026-refined", bench.design("guide2026", []), "--data", "mnist", "--warm-start", model, "--trainable", OUTPUTS,
                               "--updates", "1500", "--rate", "0.3")
    rows["guide2026-refined"] = bench.tested("guide2026-refined", refined, "--data", "mnist")
    for seed in (2, 3):
        other, _ = bench.trained(f"guide2026-seed{seed}", bench.design("guide2026", []), "--data", "mnist", "--method", "exact", "--seed", seed)
        rows[f"guide2026-seed{seed}"] = bench.tested(f"guide2026-seed{seed}", other, "--data", "mnist")
    model, _ = bench.trained("classifier", bench.design("classifier", []), "--data", "mnist", "--updates", "10000")
    rows["classifier"] = bench.tested("classifier", model, "--data", "mnist", "--kT", "0.01,0.05,0.1,0.2,0.5,1", "--longest", "2")
    folder = bench.folder / "classifier-test"
    shutil.copy(folder / "time.svg", PICTURES / "neural-time.svg")
    shutil.copy(folder / "temperature.svg", PICTURES / "neural-temperature.svg")
    subprocess.run([bench.program, "inspect", str(model), "--save", str(PICTURES / "neural-fields.png")], check=True)
    return rows


def trade(bench):
    """Right answers against heat for machines of several sizes, trained cold and run hotter."""
    rows, reports = {}, []
    for units, updates in ((16, 6000), (32, 6000), (64, 6000), (128, 10000)):
        changes = [("\nkT = 0.1", "\nkT = 0.02")] + ([("shape = [128]", f"shape = [{units}]")] if units != 128 else [])
        label = f"trade-{units}"
        model, _ = bench.trained(label, bench.design("classifier", changes), "--data", "mnist", "--updates", updates)
        rows[units] = bench.tested(label, model, "--data", "mnist", "--kT", TEMPERATURES)
        reports.append(bench.folder / f"{label}-test" / "report.json")
    reports.append(bench.folder / "guide2026-test" / "report.json")
    subprocess.run([bench.program, "neural", "compare", *map(str, reports), "--save", str(PICTURES / "neural-trade.svg")], check=True)
    return rows


def functions(bench):
    design, budget = bench.design("cosine", []), ("--budget", "40s")
    runs = {"gradient": ("--noise-samples", "16", "--updates", "10000", "--rate", "0.02"),
            "genetic": ("--method", "genetic", "--noise-samples", "1000", "--generations", "100000"),
            "genetic-16": ("--method", "genetic", "--noise-samples", "16", "--generations", "100000")}
    rows = {}
    for name, options in runs.items():
        label = f"cosine-{name}"
        model, training = bench.trained(label, design, "--task", "cos", "--batch", "0", *options, *budget)
        result = bench.swell("neural", "test", model, "--task", "cos", "-n", "4000", "-o", bench.folder / f"{label}-test")
        rows[name] = {"training": {key: training[key] for key in ("updates", "evaluations", "wall_s", "loss")}, "test": {key: result["result"][key] for key in ("error", "best_time", "heat")}}
    folder = bench.folder / "cosine-gradient-test"
    shutil.copy(folder / "function.svg", PICTURES / "neural-cosine.svg")
    shutil.copy(folder / "error.svg", PICTURES / "neural-cosine-error.svg")
    return rows


def genetic(bench):
    exact, _ = bench.trained("guide2026", bench.design("guide2026", []), "--data", "mnist", "--method", "exact")
    model, training = bench.trained("genetic", bench.design("guide2026", []), "--data", "mnist", "--warm-start", exact, "--trainable", OUTPUTS,
                                    "--method", "genetic", *GENETIC)
    row = bench.tested("genetic", model, "--data", "mnist")
    row["training"]["updates"] = training["updates"]
    return {"tuned": row}


GENETIC = ("--selection", "average", "--population", "64", "--batch", "256", "--mutation", "4", "--rate", "0.3", "--generations", "800")


def fashion(bench):
    model, _ = bench.trained("fashion-classifier", bench.design("classifier", []), "--data", "fashion-mnist", "--updates", "6000")
    guide, _ = bench.trained("fashion-guide2026", bench.design("guide2026", []), "--data", "fashion-mnist", "--method", "exact")
    return {"classifier": bench.tested("fashion-classifier", model, "--data", "fashion-mnist"),
            "guide2026": bench.tested("fashion-guide2026", guide, "--data", "fashion-mnist")}


PARTS = {"classes": classes, "trade": trade, "functions": functions, "genetic": genetic, "fashion": fashion}


def percent(share, digits=2):
    return f"{100 * share['value']:.{digits}f} +- {100 * share['stderr']:.2f} %"


def kT(heat):
    return f"{heat['value']:.3g} +- {heat['stderr']:.1g}"


def cells(row):
    test = row["test"]
    return [row["machine"]["free_units"], f"{row['training']['wall_s']:.0f} s", percent(test["accuracy"]),
            f"{100 * test['accuracy_averaged']['value']:.2f} %", percent(test["top2"]), kT(row["heat_kT"]), f"{row['machine']['time']:g}"]


HEAD = ["machine", "free units", "training", "one run", "mean of 10", "in the first two", "heat per answer, kT", "device time, 1/mu"]


def class_table(results):
    rows = results["classes"]
    names = {"guide2026": "`guide2026`, exact", "guide2026-seed2": "the same, seed 2", "guide2026-seed3": "seed 3",
             "guide2026-refined": "`guide2026`, then gradient on the outputs alone", "classifier": "`classifier`, gradient, 10,000 updates"}
    lines = [["published (Whitelam 2026)", 74, "guide", "91.7 %", "92.0 %", "96.7 %", "about 1e5", "0.2"]]
    lines += [[text, *cells(rows[name])] for name, text in names.items()]
    lines.append(["`classifier` at kT = 0.02, trained there", *cells(results["trade"]["128"])])
    return table(HEAD, lines)


def trade_table(results):
    rows = []
    for row in results["trade"].values():
        at = [f"{100 * entry['accuracy']['value']:.2f} %, {entry['heat']['value']:.2g} kT" for entry in row["test"]["by_temperature"]]
        rows.append([row["machine"]["free_units"], f"{row['machine']['parameters']:,}", *at])
    return table(["free units", "parameters", *[f"{t} E0" for t in TEMPERATURES.split(",")]], rows)


def function_table(results):
    rows = []
    names = {"gradient": "gradient, 16 noise samples", "genetic": "genetic as published: population 50, 5 elites, mutation 0.1, 1000 noise samples",
             "genetic-16": "the same rule with 16 noise samples"}
    for name, text in names.items():
        training, test = results["functions"][name]["training"], results["functions"][name]["test"]
        rows.append([text, training["updates"], f"{training['evaluations']:.1e}", f"{training['wall_s']:.0f} s",
                     f"{test['error']['rms_of_mean']:.3f}", f"{test['error']['rms_of_single_run']:.2f}", f"{test['heat']['value']:.3g}"])
    return table(["training", "updates", "trajectories", "time", "error of the mean", "of a single run", "heat, kT"], rows)


def genetic_table(results):
    row = results["genetic"]["tuned"]
    training = row["training"]
    return table(["machine", "generations", "trajectories", "time", "one run", "mean of 10", "heat per answer, kT"],
                 [["to begin with", "", "", "", percent(results["classes"]["guide2026"]["test"]["accuracy"]),
                   f"{100 * results['classes']['guide2026']['test']['accuracy_averaged']['value']:.2f} %",
                   kT(results["classes"]["guide2026"]["heat_kT"])],
                  ["tuned", training["updates"], f"{training['evaluations']:.1e}", f"{training['wall_s']:.0f} s",
                   percent(row["test"]["accuracy"]), f"{100 * row['test']['accuracy_averaged']['value']:.2f} %", kT(row["heat_kT"])]])


def fashion_table(results):
    rows = results["fashion"]
    return table(HEAD, [["`classifier`, gradient, 6000 updates", *cells(rows["classifier"])],
                        [f"`guide2026`, exact", *cells(rows["guide2026"])]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", nargs="+", choices=[*PARTS, "all"], default=[])
    parser.add_argument("--program", default=str(ROOT / "build/release/swell"))
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "neural")
    arguments = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    bench = Bench(arguments.program, arguments.folder)
    for part in list(PARTS) if "all" in arguments.measure else arguments.measure:
        results[part] = PARTS[part](bench)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        results = json.loads(RESULTS.read_text())
    missing = set(PARTS) - set(results)
    if missing:
        raise SystemExit(f"neural.py: not measured yet: {', '.join(sorted(missing))}")
    for name, text in (("classes", class_table), ("trade", trade_table), ("functions", function_table), ("genetic", genetic_table),
                       ("fashion", fashion_table)):
        fill(PAGE, name, text(results))


if __name__ == "__main__":
    main()
