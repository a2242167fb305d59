// The interface of the core for JavaScript: plain functions on handles, told in web/src/engine.ts, which alone calls
// them. A function that fails returns null, or -1 for a number; swell_message() then is the sentence. Objects that are
// passed as text are JSON. No physics here: each function hands over to the core.

#include <emscripten.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "calls.h"
#include "swell/engine/linear/stationary.h"
#include "swell/hardware/imperfections.h"
#include "swell/hardware/precision.h"
#include "swell/learn/trained.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/generate/stepwise.h"
#include "swell/programs/generate/train.h"
#include "swell/random/streams.h"
#include "swell/version.h"

using namespace swell;
using namespace swell::web;

// Called while training goes on: what is done, as text, and how far, 0 to 1. False stops it.
EM_JS(int, swell_tell, (const char* what, double share),
      { return Module["progress"] ? (Module["progress"](UTF8ToString(what), share) ? 1 : 0) : 1; });

namespace {

// The couplings of a visible unit group with hidden ones, [visible][hidden].
// Null where there are no dense ones.
const CouplingBlock* receptive_block(const Design& design) {
  const int visible = data_group(design);
  for (const CouplingSet& set : design.computer.sets) {
    for (const CouplingBlock& block : set.blocks) {
      if (block.row_group == visible && block.column_group != visible &&
          std::holds_alternative<DenseWeights>(block.weights))
        return &block;
    }
  }
  return nullptr;
}

int64_t hidden_units(const Design& design) {
  const CouplingBlock* const block = receptive_block(design);
  return block ? design.computer.groups[block->column_group].size : 0;
}

// All temperatures of a protocol so many times as high; where one holds, exactly this.
void set_temperature(Protocol& protocol, double kT, double factor) {
  for (Segment& segment : protocol.segments) {
    const bool holds = std::ranges::all_of(
        segment.kT.knots, [&](const Schedule::Knot& knot) { return knot.value == segment.kT.knots[0].value; });
    if (holds) segment.kT = {{{0.0, kT}}};
    for (Schedule::Knot& knot : segment.kT.knots) {
      if (!holds) knot.value *= factor;
    }
  }
}

// The classes that are asked for: a number, a list of them, or nothing for each in turn.
std::vector<int> labels_of(const Json& options) {
  const Json value = options.value("label", Json::array());
  const Json list = value.is_array() ? value : Json::array({value});
  std::vector<int> labels;
  for (const Json& label : list)
    labels.push_back(static_cast<int>(whole(Json{{"label", label}}, "label", 0, 0, 1'000'000)));
  return labels;
}

std::vector<std::vector<double>> rows_of(const Json& options) {
  try {
    return options.at("matrix").get<std::vector<std::vector<double>>>();
  } catch (const nlohmann::json::exception&) {
    throw InputError("matrix is to be rows of finite numbers");
  }
}

struct Generation {
  Trained trained;  // with the temperature and the times that were asked for
  generate::SampleOptions options;
  std::unique_ptr<generate::StepwiseGeneration> stepwise;
  std::vector<float> pixels;
};

// A linear machine that settles about the inverse of a matrix; what is summed of each chain.
struct Fluctuations {
  LinearSystem system;
  RunOptions options;
  std::vector<double> states;   // [chains][m]
  std::vector<double> sums;     // [chains][m][m] of x x^T, each of one sample a step
  std::vector<double> inverse;  // exact, [m][m]
  int64_t samples = 0;

  void advance(int steps) {
    const int64_t m = system.size();
    Protocol protocol{"settle", {Segment{}}};
    protocol.segments[0].name = "settle";
    protocol.segments[0].duration = options.dt;
    protocol.segments[0].couplings = 0;
    for (int k = 0; k < steps; ++k, ++samples) {
      options.start = states;
      std::vector<double> next = run(system, protocol, options).states;
      states = std::move(next);
      ++options.first_step;
      for (int64_t chain = 0; chain < options.trajectories; ++chain) {
        const double* const z = states.data() + chain * m;
        for (int64_t i = 0; i < m; ++i) {
          for (int64_t j = 0; j < m; ++j) sums[(chain * m + i) * m + j] += z[i] * z[j];
        }
      }
    }
  }
};
constexpr int kForgotten = 400;  // steps until the start, 0, is forgotten

struct Lattice {
  IsingModel model;
  RunOptions options;
  std::vector<int8_t> spins;
  double kT = 1;
};

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE const char* swell_version() { return kVersion; }
EMSCRIPTEN_KEEPALIVE const char* swell_message() { return last_error().c_str(); }

// Machines that generate -------------------------------------------------------------------------------------------

// Exact training. design: TOML; images: [count][units of the data group], -1 to 1, so many values in all.
EMSCRIPTEN_KEEPALIVE Trained* machine_train(const char* design, const float* images, int values, int count,
                                            double tolerance) {
  return attempt([&]() -> Trained* {
    const Design parsed = parse_design(design, "design");
    const Group& visible = parsed.computer.groups[data_group(parsed)];
    if (values != at_least_one(count, "count") * visible.size)
      throw InputError(fmt::format("{} images of {} units are {} values, and {} are given", count, visible.size,
                                   count * visible.size, values));
    DataSet data{visible.shape, {images, images + values}, {}, {}, 0, "the page"};
    for (const double pixel : data.values) {
      if (!(std::abs(pixel) <= 1)) throw InputError(fmt::format("a pixel is {}; -1 to 1 is allowed", pixel));
    }
    for (int k = 0; k < count; ++k) data.labels.push_back(k);
    generate::TrainOptions options;
    options.tolerance = tolerance;
    options.progress = [](const Progress& at) {
      return swell_tell(at.stage.c_str(), at.total > 0 ? at.done / at.total : 0) != 0;
    };
    generate::TrainReport report;
    Trained trained = generate::train(parsed, data, options, report);
    if (report.interrupted) throw Interrupted("training was stopped");
    return new Trained(std::move(trained));
  });
}

EMSCRIPTEN_KEEPALIVE Trained* machine_read(const std::byte* bytes, int size) {
  return attempt([&]() -> Trained* {
    auto machine = std::make_unique<Trained>(parse_trained({bytes, static_cast<size_t>(size)}, "the machine"));
    if (has_table(machine->design, "neural"))
      throw InputError(
          fmt::format("design '{}' is of a machine that answers and makes no images: there is nothing to "
                      "show here ('swell neural test' asks it)",
                      machine->design.name));
    data_group(machine->design);  // throws where it has none
    return machine.release();
  });
}

// A machine file as `swell train` writes it; *size its bytes. Valid until the next call.
EMSCRIPTEN_KEEPALIVE const std::byte* machine_write(const Trained* machine, int* size) {
  static std::vector<std::byte> bytes;
  return attempt([&]() -> const std::byte* {
    bytes = encode_trained(*machine);
    *size = static_cast<int>(bytes.size());
    return bytes.data();
  });
}

EMSCRIPTEN_KEEPALIVE const char* machine_describe(const Trained* machine) {
  return attempt([&] {
    const Design& design = machine->design;
    Json groups = Json::array();
    for (const Group& group : design.computer.groups) {
      groups.push_back({{"name", group.name},
                        {"shape", group.shape},
                        {"units", group.size},
                        {"J2", design.computer.J2[group.first]},
                        {"J4", design.computer.J4[group.first]}});
    }
    return say({{"name", design.name},
                {"kT", design.computer.kT},
                {"dt", design.dt},
                {"groups", groups},
                {"data_group", data_group(design)},
                {"classes", label_group(design) < 0 ? 0 : count_classes(design)},
                {"stages", design.stages ? design.stages->count : 0},
                {"hidden", hidden_units(design)},
                {"parameters", generate::parameters_of(design)},
                {"images", machine->images.rows()},
                {"training", machine->training}});
  });
}

// One chip with these faults: {bits, mismatch, seed}.
EMSCRIPTEN_KEEPALIVE Trained* machine_chip(const Trained* machine, const char* json) {
  return attempt([&]() -> Trained* {
    const Json options = options_of(json);
    hardware::Imperfections spec;
    spec.mismatch = number(options, "mismatch", 0, 0, 1);
    const int64_t bits = whole(options, "bits", 0, 0, 24);
    auto chip = std::make_unique<Trained>(*machine);
    if (bits > 0) chip->design.computer = hardware::quantise(chip->design.computer, static_cast<int>(bits));
    if (spec.mismatch > 0)
      chip->design.computer = hardware::perturb(chip->design.computer, spec, whole(options, "seed", 1, 0, 1LL << 53));
    round_parameters(chip->design.computer);
    return chip.release();
  });
}

// What a hidden unit is coupled to, [units of the data group], E0; of a machine of stages in its first. Valid until the
// next call.
EMSCRIPTEN_KEEPALIVE const float* machine_field(const Trained* machine, int hidden) {
  static std::vector<float> field;
  return attempt([&]() -> const float* {
    const CouplingBlock* const block = receptive_block(machine->design);
    if (!block) throw InputError("this machine has no dense couplings between visible and hidden units");
    const auto& values = std::get<DenseWeights>(block->weights).values;
    const int64_t columns = hidden_units(machine->design);
    if (hidden < 0 || hidden >= columns)
      throw InputError(fmt::format("hidden unit {}; 0 to {} is allowed", hidden, columns - 1));
    field.clear();
    for (size_t at = hidden; at < values.size(); at += columns) field.push_back(static_cast<float>(values[at]));
    return field.data();
  });
}

EMSCRIPTEN_KEEPALIVE void machine_free(Trained* machine) { delete machine; }

// {samples, seed, precision: f32, bf16x3 or bf16, label: a class or several in turn, kT, duration: of the last segment,
// 1/mu; a machine of stages has its own}.
EMSCRIPTEN_KEEPALIVE Generation* generation_start(const Trained* machine, const char* json) {
  return attempt([&]() -> Generation* {
    const Json options = options_of(json);
    auto generation = std::make_unique<Generation>(Generation{*machine, {}, nullptr, {}});
    Design& design = generation->trained.design;
    const double designed = design.computer.kT;
    design.computer.kT = number(options, "kT", designed, 0, 10);
    if (options.contains("duration") && design.stages)
      throw InputError("a machine of stages takes the time of its stages; duration is of a machine without");
    for (Protocol& protocol : design.protocols) {
      if (protocol.name != "generation") continue;
      if (options.contains("kT")) set_temperature(protocol, design.computer.kT, design.computer.kT / designed);
      if (options.contains("duration"))
        protocol.segments.back().duration =
            std::round(number(options, "duration", 1, design.dt, 100) / design.dt) * design.dt;
    }
    generate::SampleOptions& asked = generation->options;
    asked.samples = whole(options, "samples", 25, 1, 10000);
    asked.seed = static_cast<uint64_t>(whole(options, "seed", 1, 0, 1LL << 53));
    asked.labels = labels_of(options);
    asked.film_samples = 0;
    asked.tile = 12;  // units side by side, which registers of four numbers suit best
    const std::string precision = text(options, "precision", "bf16");
    const auto known = precision_named(precision);
    if (!known || *known == Precision::tf32)
      throw InputError(fmt::format("precision is '{}'; f32, bf16x3 and bf16 are allowed", precision));
    asked.precision = *known;
    generation->stepwise = std::make_unique<generate::StepwiseGeneration>(generation->trained, asked);
    return generation.release();
  });
}

// Steps done so far.
EMSCRIPTEN_KEEPALIVE int generation_advance(Generation* generation, int steps) {
  return attempt([&] {
    generation->stepwise->advance(at_least_one(steps, "steps"));
    return static_cast<int>(generation->stepwise->done());
  });
}

// States of the data group now, [samples][units]; of a machine of stages as pixels, which they are at the end. Valid
// until the next call.
EMSCRIPTEN_KEEPALIVE const float* generation_pixels(Generation* generation) {
  return attempt([&]() -> const float* {
    const Design& design = generation->trained.design;
    const Group& visible = design.computer.groups[data_group(design)];
    const Run& run = generation->stepwise->run();
    generation->pixels.resize(run.trajectories * visible.size);
    for (int64_t t = 0; t < run.trajectories; ++t) {
      for (int64_t u = 0; u < visible.size; ++u) {
        const double x = run.state(t)[visible.first + u];
        generation->pixels[t * visible.size + u] = static_cast<float>(design.stages ? design.stages->pixel(u, x) : x);
      }
    }
    return generation->pixels.data();
  });
}

// {done, steps, time, phase, heat_kT, work_kT: of a sample, since the start}, and at the end {quality, bill}.
EMSCRIPTEN_KEEPALIVE const char* generation_report(const Generation* generation) {
  return attempt([&] {
    const generate::StepwiseGeneration& stepwise = *generation->stepwise;
    const Run& run = stepwise.run();
    const double kT = generation->trained.design.computer.kT;
    std::vector<double> heat(run.trajectories, 0.0), work(run.trajectories, 0.0);
    for (int64_t t = 0; t < run.trajectories; ++t) {
      for (int64_t s = 0; s < run.segments; ++s) {
        heat[t] += run.book(t, s).entropy;
        if (kT > 0) work[t] += run.book(t, s).work / kT;
      }
    }
    Json report = {{"done", stepwise.done()},
                   {"steps", stepwise.steps()},
                   {"time", static_cast<double>(stepwise.done()) * generation->trained.design.dt},
                   {"phase", stepwise.phase()},
                   {"heat_kT", swell::to_json(estimate(heat), "kT")},
                   {"work_kT", swell::to_json(estimate(work), "kT")},
                   {"wall_s", run.wall_s},
                   {"multiply_adds", run.multiply_adds}};
    if (stepwise.finished()) {
      const generate::Samples samples = stepwise.samples();
      report["bill"] = swell::to_json(samples.bill);
      if (samples.judged) {
        report["quality"] = {{"cosine", swell::to_json(samples.quality.nearest_cosine, "1")},
                             {"nearest", samples.quality.nearest},
                             {"negatives", samples.quality.negatives},
                             {"blended", samples.quality.blended}};
      }
    }
    return say(report);
  });
}

EMSCRIPTEN_KEEPALIVE void generation_free(Generation* generation) { delete generation; }

// A matrix inverted by fluctuations ----------------------------------------------------------------------------------

// {matrix: rows of a symmetric positive-definite matrix, chains, dt, seed}: dz = -A z dt + sqrt(2) dW.
EMSCRIPTEN_KEEPALIVE Fluctuations* fluctuations_start(const char* json) {
  return attempt([&]() -> Fluctuations* {
    const Json options = options_of(json);
    const auto rows = rows_of(options);
    const auto m = static_cast<int64_t>(rows.size());
    if (m < 1 || m > 16) throw InputError(fmt::format("the matrix has {} rows; 1 to 16 are allowed", m));
    auto made = std::make_unique<Fluctuations>();
    made->system = {Matrix(m, m), std::vector<double>(m), Matrix(m, m)};
    for (int64_t i = 0; i < m; ++i) {
      if (static_cast<int64_t>(rows[i].size()) != m) throw InputError("the matrix is not square");
      for (int64_t j = 0; j < m; ++j) {
        if (rows[i][j] != rows[j][i]) throw InputError("the matrix is not symmetric");
        made->system.drift(i, j) = rows[i][j];
      }
      made->system.noise(i, i) = 2;
    }
    const Matrix S = linear::stationary_covariance(made->system);  // refuses a matrix that is not positive definite
    made->inverse = S.values;
    made->options.integrator = Integrator::exact;
    made->options.trajectories = whole(options, "chains", 64, 2, 4096);
    made->options.dt = number(options, "dt", 0.1, 1e-6, 1e6);
    made->options.noise = {static_cast<uint64_t>(whole(options, "seed", 1, 0, 1LL << 53)), stream::kLinear};
    made->options.books = false;
    made->states.assign(made->options.trajectories * m, 0.0);
    made->sums.assign(made->options.trajectories * m * m, 0.0);
    made->advance(kForgotten);
    made->sums.assign(made->sums.size(), 0.0);
    made->samples = 0;
    return made.release();
  });
}

// Takes so many steps, one sample of each chain after each.
EMSCRIPTEN_KEEPALIVE int fluctuations_advance(Fluctuations* machine, int steps) {
  return attempt([&] {
    machine->advance(at_least_one(steps, "steps"));
    return static_cast<int>(machine->samples);
  });
}

// [chains][m].
EMSCRIPTEN_KEEPALIVE const double* fluctuations_states(const Fluctuations* machine) { return machine->states.data(); }

// {samples, chains, value, stderr, exact: each [m][m]}; errors over the chains, which are independent.
EMSCRIPTEN_KEEPALIVE const char* fluctuations_report(const Fluctuations* machine) {
  return attempt([&] {
    const int64_t entries = machine->system.size() * machine->system.size(), chains = machine->options.trajectories;
    std::vector<double> value, error, of_chain(chains);
    for (int64_t e = 0; e < entries; ++e) {
      for (int64_t c = 0; c < chains; ++c)
        of_chain[c] = machine->sums[c * entries + e] / static_cast<double>(std::max<int64_t>(1, machine->samples));
      const Estimate entry = estimate(of_chain);
      value.push_back(entry.mean);
      error.push_back(entry.stderr_of_mean);
    }
    return say({{"samples", machine->samples},
                {"chains", chains},
                {"value", value},
                {"stderr", error},
                {"exact", machine->inverse}});
  });
}

EMSCRIPTEN_KEEPALIVE void fluctuations_free(Fluctuations* machine) { delete machine; }

// A lattice of p-bits ------------------------------------------------------------------------------------------------

// {size: of a square torus, kT, seed}: J = 1, all up at the start.
EMSCRIPTEN_KEEPALIVE Lattice* lattice_start(const char* json) {
  return attempt([&]() -> Lattice* {
    const Json options = options_of(json);
    const int64_t size = whole(options, "size", 64, 3, 512);
    auto lattice = std::make_unique<Lattice>();
    lattice->model = square_lattice(size, size, 1);
    lattice->kT = number(options, "kT", 2.269, 0.01, 100);
    lattice->options.noise = {static_cast<uint64_t>(whole(options, "seed", 1, 0, 1LL << 53)), stream::kPbits};
    lattice->spins.assign(lattice->model.units, 1);
    return lattice.release();
  });
}

EMSCRIPTEN_KEEPALIVE int lattice_heat(Lattice* lattice, double kT) {
  return attempt([&] {
    lattice->kT = number(Json{{"kT", kT}}, "kT", 1, 0.01, 100);
    return 0;
  });
}

// Takes so many sweeps; sweeps so far.
EMSCRIPTEN_KEEPALIVE int lattice_advance(Lattice* lattice, int sweeps) {
  return attempt([&] {
    Segment segment;
    segment.name = "hold";
    segment.couplings = 0;
    segment.duration = at_least_one(sweeps, "sweeps");
    segment.kT = {{{0.0, lattice->kT}}};
    lattice->options.start_spins = lattice->spins;
    lattice->spins = run(lattice->model, {"hold", {segment}}, lattice->options).spins;
    lattice->options.first_step += sweeps;
    return static_cast<int>(lattice->options.first_step);
  });
}

// [units], 1 or -1.
EMSCRIPTEN_KEEPALIVE const int8_t* lattice_spins(const Lattice* lattice) { return lattice->spins.data(); }

// {sweeps, kT, magnetisation, energy: for one p-bit, spontaneous: of an endless lattice (C. N. Yang, Phys. Rev. 85, 808
// (1952), eq. 96)}.
EMSCRIPTEN_KEEPALIVE const char* lattice_report(const Lattice* lattice) {
  return attempt([&] {
    double sum = 0;
    for (const int8_t spin : lattice->spins) sum += spin;
    const auto units = static_cast<double>(lattice->model.units);
    const double s = std::sinh(2 / lattice->kT);
    return say({{"sweeps", lattice->options.first_step},
                {"kT", lattice->kT},
                {"magnetisation", sum / units},
                {"energy", ising_energy(lattice->model, lattice->spins) / units},
                {"spontaneous", s > 1 ? std::pow(1 - std::pow(s, -4), 0.125) : 0.0}});
  });
}

EMSCRIPTEN_KEEPALIVE void lattice_free(Lattice* lattice) { delete lattice; }

}  // extern "C"
