#include "swell/cmd/files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "swell/io/json.h"

namespace swell::cmd {

namespace {

constexpr const char* kLinear = "solve, inv, logdet, lyapunov, expm, gaussian";
constexpr const char* kContents = "contents.json";

std::vector<OutputFile> run_files() {
  return {
      {"run",
       "states.npy",
       "float32",
       {"trajectory", "unit"},
       {},
       "x of each unit at the end of the protocol; trajectories are independent of each other"},
      {"run",
       "ledger.npy",
       "float64",
       {"trajectory", "segment", "quantity"},
       {"work", "heat", "entropy"},
       "books of each segment of the protocol: work on the units, E0; heat to the bath, E0; entropy of the bath, heat "
       "over kT step by step, k"},
      {"run",
       "snapshots.npy",
       "float32",
       {"snapshot", "trajectory", "unit"},
       {},
       "x at times 0, T, 2 T, ... with T the interval of --snapshots; of the group of --units and the first "
       "--trajectories, if these are given"},
      {"run",
       "averages.npy",
       "float64",
       {"unit", "figure"},
       {"mean of x", "its standard error", "variance of x", "its standard error"},
       "averages over the observations of --observe and the trajectories; errors over trajectories; of the group of "
       "--units"},
      {"run",
       "course.csv",
       "table",
       {"point in time"},
       {"time", "step", "segment", "then each figure and its standard error (NAME, NAME_stderr)"},
       "work, heat and energy in E0 and entropy in k, from the start of the run on; mean and variance of x for each "
       "group; with --by-group work and heat of each group; time in 1/mu"},
  };
}

std::vector<OutputFile> circuit_files() {
  return {
      {"circuit",
       "covariance.npy",
       "float64",
       {"output", "output"},
       {},
       "covariance in which the outputs settle, V^2, V A and A^2; NaN where white noise reaches one unfiltered"},
      {"circuit", "outputs.txt", "text", {}, {}, "names of the outputs, a line each: v(NODE), then i(INDUCTOR)"},
      {"circuit",
       "course.npy",
       "float32",
       {"time", "trajectory", "output"},
       {},
       "outputs at the times 0, T, 2 T, ... with T that of --step, V and A"},
      {"spice",
       "machine.json",
       "JSON",
       {},
       {},
       "the machine as numbers: what 'swell spice check' holds the circuit to"},
      {"spice", "machine.cir", "text", {}, {}, "the subcircuit, for ngspice; machine.xyce.cir for Xyce, not run"},
      {"spice",
       "machine.va",
       "text",
       {},
       {},
       "of the conductance picture: a module of Verilog-A, written and never run"},
      {"spice",
       "NAME.cir",
       "text",
       {},
       {},
       "test benches for ngspice: drift, admittance, noise, path, statistics; of p-bits sigmoid, network"},
      {"spice", "README.md", "text", {}, {}, "picture, scales, temperature, noise, elements, and what is ideal"},
      {"spice images", "--save", "PNG", {}, {}, "above by Swell, below by the circuit in ngspice, with the same noise"},
  };
}

std::vector<OutputFile> generate_files() {
  return {
      {"generate, demo, rival generate",
       "samples.npy",
       "float32",
       {"image", "the axes of the visible group: row, column"},
       {},
       "x of the visible units at the end, as trained: about -1 for dark and +1 for bright; of a machine of "
       "stages or a network pixels, -1 black to +1 white. Images are independent of each other"},
      {"generate, rival generate",
       "labels.npy",
       "float64",
       {"image"},
       {},
       "the class that was asked for, of machines with label units"},
      {"generate, demo", "grid.png", "picture", {}, {}, "the first images, side by side"},
      {"generate, demo",
       "movie.gif",
       "film",
       {},
       {},
       "the first images as they form, noise included; none with --film 0"},
      {"generate, demo",
       "couplings.png",
       "picture",
       {},
       {},
       "receptive fields: couplings of hidden units to the visible ones"},
      {"generate, demo",
       "play.html",
       "page",
       {},
       {},
       "with --play: the machine to play with in a browser, its engine inside"},
      {"demo", "digits.safetensors", "trained computer", {}, {}, "as 'swell train' writes it"},
  };
}

std::vector<OutputFile> linear_files() {
  return {
      {kLinear,
       "answer.mtx",
       "Matrix Market",
       {"row", "column"},
       {},
       "x, the inverse, X, e^(-A t) or the mean of the samples, in the units of the input; one number for logdet "
       "(Jarzynski's)"},
      {kLinear, "stderr.mtx", "Matrix Market", {"row", "column"}, {}, "standard error of each entry of the answer"},
      {kLinear, "answer.npy", "float64", {"row", "column"}, {}, "the same as answer.mtx, with --format npy"},
      {kLinear, "stderr.npy", "float64", {"row", "column"}, {}, "the same as stderr.mtx, with --format npy"},
      {"gaussian",
       "samples.npy",
       "float64",
       {"sample", "variable"},
       {},
       "the samples, in the units of the input, as they were drawn: stretch after stretch of the run, in it group "
       "after "
       "group of replicas, in that time after time, and at each time the replicas of the group. Those of one replica "
       "are correlated in time: samples_per_independent of the report says how many of them the mean takes for one"},
  };
}

std::vector<OutputFile> neural_files() {
  return {
      {"neural neuron", "activation.svg", "plot", {}, {}, "mean of x against the input, each temperature and time"},
      {"neural test", "time.svg", "plot", {}, {}, "right answers against the read time, 1/mu; classes"},
      {"neural test", "temperature.svg", "plot", {}, {}, "right answers against kT, E0; classes, with --kT"},
      {"neural test", "function.svg", "plot", {}, {}, "answers against the input; functions"},
      {"neural test", "error.svg", "plot", {}, {}, "error against the read time, 1/mu; functions"},
  };
}

std::vector<OutputFile> common_files() {
  return {
      {"generate, demo, run, neural neuron, neural test, rival generate, " + std::string(kLinear),
       "report.json",
       "JSON",
       {},
       {},
       "the report: all results with their errors and units, inputs, seed, checks and bill, as docs/report.md says"},
      {"every command that has a page", "report.html", "page", {}, {}, "the results for people: answer, cost, plots"},
      {"every command that writes a folder",
       kContents,
       "JSON",
       {},
       {},
       "what is in the folder: type, axes, columns and meaning of each file, as on this page"},
      {"train, neural train",
       "MODEL.safetensors",
       "float32 tensors",
       {},
       {},
       "SET.J.GROUP.GROUP, couplings of two groups [unit of the first][unit of the second], E0; SET.b.GROUP, biases "
       "[unit], E0; training.images [image][unit] and training.labels [image] where images were learned; metadata: "
       "design (TOML), training (JSON); of a machine of stages stages.* instead, in bf16 and float32 "
       "(machine_file.md)"},
      {"rival train",
       "NETWORK.safetensors",
       "float32 tensors",
       {},
       {},
       "network.parameters, weights W and W' [hidden][visible] first; mean and style_mean images; metadata: training "
       "(JSON)"},
      {"ising",
       "--solution FILE",
       "text",
       {"p-bit"},
       {},
       "one number a line: the side, variable or spin of each unit, in the file's order"},
      {"route",
       "--tour FILE",
       "text",
       {},
       {},
       "a TSPLIB tour, or the streets in order: number, from -> to, length, name"},
      {"route", "--map FILE", "picture", {}, {}, "the tour or round on its map, SVG, in the file's coordinates"},
      {"inspect", "--save FILE", "picture", {}, {}, "receptive fields, PNG"},
      {"neural compare", "--save FILE", "plot", {}, {}, "right answers against heat, kT, SVG"},
      {"every command", "--report FILE", "page", {}, {}, "one self-contained page with all results, HTML"},
      {"every command", "--json FILE", "JSON", {}, {}, "the same as report.json"},
      {"run, generate, train, neural train, rival train",
       "--checkpoint FILE",
       "binary",
       {},
       {},
       "what a stopped run goes on from; removed when it is done"},
  };
}

bool has_command(const OutputFile& file, const std::string& command) {
  const std::string all = ", " + file.commands + ", ";
  return file.commands.starts_with("every command") || all.find(", " + command + ", ") != std::string::npos;
}

std::string axes_of(const OutputFile& file) {
  std::string text;
  for (const std::string& axis : file.axes) text += "[" + axis + "]";
  if (!file.columns.empty()) text += fmt::format(": {}", fmt::join(file.columns, ", "));
  return text;
}

}  // namespace

const std::vector<OutputFile>& output_files() {
  static const std::vector<OutputFile> all = [] {
    std::vector<OutputFile> files = run_files();
    for (const auto& more : {generate_files(), linear_files(), neural_files(), circuit_files(), common_files()})
      files.insert(files.end(), more.begin(), more.end());
    return files;
  }();
  return all;
}

void write_contents(const std::filesystem::path& folder, const std::string& command) {
  nlohmann::ordered_json files;
  for (const OutputFile& file : output_files()) {
    if (file.name == kContents || !has_command(file, command) || !std::filesystem::exists(folder / file.name)) continue;
    nlohmann::ordered_json& about = files[file.name];
    about["type"] = file.type;
    if (!file.axes.empty()) about["axes"] = file.axes;
    if (!file.columns.empty()) about["columns"] = file.columns;
    about["meaning"] = file.meaning;
  }
  if (!files.empty()) write_json(folder / kContents, {{"command", command}, {"files", files}});
}

std::string files_page() {
  std::string page =
      "# Output files\n\nPrinted by `swell reference --files`; a test compares this page with the program. Each folder "
      "of "
      "results has\nthe rows about its own files in `contents.json`.\n\n"
      "Arrays are NumPy files in C order: `numpy.load(\"states.npy\")` gives an array whose axes are those named "
      "below, the "
      "slowest first;\nunits, images and trajectories are counted from 0, in the order of the design and of the run. "
      "Quantities are in the units of\n[notation.md](notation.md): energies in E0, times in 1/mu, entropies in k, x "
      "and "
      "temperatures kT accordingly; what is priced is in SI\nunits. Standard errors are those of the mean over "
      "trajectories.\n\n| file | written by | type | axes and columns | what it is |\n| --- | --- | --- | --- | --- "
      "|\n";
  for (const OutputFile& file : output_files())
    page +=
        fmt::format("| `{}` | {} | {} | {} | {} |\n", file.name, file.commands, file.type, axes_of(file), file.meaning);
  return page;
}

}  // namespace swell::cmd
