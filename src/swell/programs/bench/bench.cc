#include "swell/programs/bench/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "swell/base/errors.h"
#include "swell/embedded.h"
#include "swell/engine/cuda/device.h"
#include "swell/kernels/ceilings.h"
#include "swell/kernels/matrix_product.h"
#include "swell/model/design.h"
#include "swell/programs/bench/feed_rates.h"
#include "swell/programs/bench/learning_rates.h"
#include "swell/programs/bench/steady.h"
#include "swell/random/streams.h"

namespace swell::bench {

namespace {

constexpr int kRepetitions = 5;
constexpr double kDt = 1e-3;
constexpr int64_t kStateBytes = 2 * sizeof(float);  // the state is read, the next one written
constexpr int64_t kLineFloats = 16;

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::uncoupled:
      return "uncoupled";
    case Kind::dense:
      return "dense";
    case Kind::lattice:
      return "lattice";
    default:
      return "graph";
  }
}

void summarise(Figure& figure) {
  const std::vector<double>& rates = figure.rates;
  figure.best = *std::ranges::max_element(rates);
  figure.median = quantile(rates, 0.5);
  figure.spread = (quantile(rates, 0.75) - quantile(rates, 0.25)) / figure.median;
}

// The published design with random couplings.
Design published_design() {
  const auto bytes = embedded::whitelam2026_design();
  Design design = parse_design({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "whitelam2026 (built in)");
  const Workload random = make_workload(Kind::dense, design.computer.units());
  const std::vector<double> J = dense_matrix(random.computer, random.computer.sets[0]);
  for (CouplingSet& set : design.computer.sets) assign_from_dense(design.computer, J, set);
  return design;
}

}  // namespace

std::string Case::name() const {
  if (what == What::images) return fmt::format("images/batch{}/threads{}", batch, threads);
  if (what == What::system_bits) return "entropy/system/threads1";
  if (what == What::tape_bits) return "entropy/tape/threads1";
  if (what == What::run_on_bits) return fmt::format("entropy/run/batch{}/threads{}", batch, threads);
  if (what == What::run_on_keys) return fmt::format("entropy/keys/{}/threads{}", kind_name(kind), threads);
  if (what == What::product) return fmt::format("product/{}/threads{}", units, threads);
  if (what == What::learning_product) return fmt::format("learning/product/{}/threads{}", name_of(precision), threads);
  if (what == What::learning_update) return fmt::format("learning/update/{}/threads{}", name_of(precision), threads);
  const std::string how = precision == Precision::f32 ? "" : fmt::format("{}/", name_of(precision));
  const std::string where = engine == EngineKind::cpu ? "" : fmt::format("{}/", name_of(engine));
  return fmt::format("{}{}/{}/{}batch{}/threads{}", where, kind_name(kind), units, how, batch, threads);
}

std::vector<Case> all_cases(int threads, bool quick) {
  struct Row {
    Kind kind;
    std::vector<int64_t> units, batches;
    Precision precision = Precision::f32;
  };
  const std::vector<Row> rows = {
      {Kind::uncoupled, {1296}, {1, 64}},
      {Kind::dense, {256, 1296, 8192}, {1, 8, 64, 1024}},
      {Kind::dense, {1296}, {4096}},
      {Kind::dense, {1296}, {1, 8, 64, 1024}, Precision::bf16x3},
      {Kind::dense, {1296}, {1, 8, 64, 1024}, Precision::bf16},
      {Kind::lattice, {10000, 100000, 1000000}, {1, 8, 64}},
      {Kind::graph, {10000, 100000, 1000000}, {1, 8, 64}},
  };
  constexpr int64_t kQuickUnits = 10000;
  const std::set<int> counts = {1, threads};
  std::vector<Case> cases;
  for (const Row& row : rows) {
    for (const int64_t units : row.units) {
      if (quick && (units > kQuickUnits || units == 8192)) continue;
      for (const int64_t batch : row.batches) {
        for (const int t : counts) {
          // A trajectory is one thread's work.
          if (t <= batch) cases.push_back({Case::What::step, row.kind, units, batch, t, row.precision});
        }
      }
    }
  }
  const auto on_device = [&](Kind kind, int64_t units, int64_t batch, Precision precision) {
    cases.push_back({Case::What::step, kind, units, batch, 1, precision, EngineKind::cuda});
  };
  if (cuda::device()) {
    for (const Precision precision : {Precision::f32, Precision::tf32, Precision::bf16})
      on_device(Kind::dense, 1296, 4096, precision);
    on_device(Kind::uncoupled, 1296, 4096, Precision::f32);
    on_device(Kind::lattice, 10000, 1024, Precision::f32);
    on_device(Kind::graph, 10000, 1024, Precision::f32);
  }
  for (const int t : counts) cases.push_back({Case::What::images, Kind::dense, 1296, 64 * t, t});
  for (const int t : counts) cases.push_back({Case::What::product, Kind::dense, quick ? 256 : 1296, 1, t});
  for (const Case::What what : {Case::What::learning_product, Case::What::learning_update}) {
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      for (const int t : counts) cases.push_back({what, Kind::dense, kLearningUnits, 1, t, precision});
    }
  }
  cases.push_back({Case::What::system_bits});
  cases.push_back({Case::What::tape_bits});
  for (const int t : counts) cases.push_back({Case::What::run_on_bits, Kind::dense, kFeedUnits, kFeedBatch, t});
  for (const Kind kind : {Kind::dense, Kind::uncoupled})
    for (const int t : counts) cases.push_back({Case::What::run_on_keys, kind, kFeedUnits, kFeedBatch, t});
  return cases;
}

std::vector<Case> choose(const std::vector<Case>& cases, std::string_view pattern) {
  std::vector<Case> chosen;
  for (const Case& each : cases) {
    if (each.name().find(pattern) != std::string::npos) chosen.push_back(each);
  }
  if (chosen.empty()) {
    throw InputError(
        fmt::format("no benchmark's name contains '{}'; a part of a name is needed, from '{}' to '{}', for "
                    "example dense/1296 or batch64",
                    pattern, cases.front().name(), cases.back().name()));
  }
  return chosen;
}

double Ceilings::measured(const char* what, int64_t size, int threads, const std::function<double()>& measure) {
  const auto [entry, fresh] = known_.try_emplace({what, size, threads}, 0.0);
  if (fresh) entry->second = measure();
  return entry->second;
}

double Ceilings::multiply_adds_f32(int threads) {
  return measured("f32", 0, threads, [&] { return measure_multiply_adds_f32(threads, seconds_); });
}
double Ceilings::multiply_adds_bf16(int threads) {
  return measured("bf16", 0, threads, [&] { return measure_multiply_adds_bf16(threads, seconds_); });
}
double Ceilings::multiply_adds(Precision precision, int threads) {
  if (precision == Precision::f32) return multiply_adds_f32(threads);
  return multiply_adds_bf16(threads) / (precision == Precision::bf16x3 ? 3 : 1);
}
double Ceilings::multiply_adds_f64(int threads) {
  return measured("f64", 0, threads, [&] { return measure_multiply_adds_f64(threads, seconds_); });
}
double Ceilings::normals(int threads) {
  return measured("normals", 0, threads, [&] { return measure_normals(threads, seconds_); });
}
double Ceilings::reads(int64_t bytes, int threads) {
  return measured("reads", bytes, threads, [&] { return measure_reads(bytes, threads, seconds_); });
}

double Ceilings::scattered_reads(int64_t bytes, int threads) {
  return measured("lines", bytes, threads, [&] { return measure_scattered_reads(bytes, threads, seconds_); });
}

namespace {

// Of a device in a second, products out of its own memory: two operations each.
double device_multiply_adds(Precision precision) {
  const cuda::Element element = precision == Precision::f32    ? cuda::Element::f32
                                : precision == Precision::tf32 ? cuda::Element::tf32
                                                               : cuda::Element::bf16;
  return 0.5 * cuda::peak_flops(element);
}

}  // namespace

Figure Bench::measure(const Case& what) {
  Figure figure;
  figure.what = what;
  switch (what.what) {
    case Case::What::step:
      measure_step(figure);
      break;
    case Case::What::images:
      measure_images(figure);
      break;
    case Case::What::product:
      measure_product(figure);
      break;
    case Case::What::learning_product:
    case Case::What::learning_update:
      measure_learning(figure);
      break;
    default:
      measure_bits(figure);
      break;
  }
  return figure;
}

void Bench::compare(Figure& figure, double multiply_adds_per_s) {
  const int threads = figure.what.threads;
  const Cost& cost = figure.cost;
  summarise(figure);
  if (cost.multiply_adds > 0) figure.multiply_add_s = cost.multiply_adds / multiply_adds_per_s;
  if (cost.normals > 0) figure.normal_s = cost.normals / ceilings_.normals(threads);
  if (cost.bytes > 0) figure.byte_s = cost.bytes / ceilings_.reads(cost.working_set, threads);
  if (cost.lines > 0) figure.line_s = cost.lines / ceilings_.scattered_reads(cost.scattered_set, threads);
  const std::pair<double, const char*> bounds[] = {{figure.multiply_add_s, "arithmetic"},
                                                   {figure.normal_s, "noise"},
                                                   {figure.byte_s, "memory"},
                                                   {figure.line_s, "scattered memory"},
                                                   {figure.limit_s, "without"}};
  const auto [least, bound] = *std::max_element(std::begin(bounds), std::end(bounds));
  figure.bound = bound;
  figure.share = least * figure.best;
}

void Bench::measure_step(Figure& figure) {
  const Case& what = figure.what;
  if (machine_units_ != what.units || machine_.kind != what.kind) {
    machine_ = {};  // two large ones would not fit side by side
    machine_ = make_workload(what.kind, what.units);
    machine_units_ = what.units;
  }
  const int64_t n = machine_.computer.units();
  figure.units = n;
  figure.unit = "trajectory-steps/s";
  const int64_t together = (what.batch + what.threads - 1) / what.threads;
  // Runs of one or two trajectories in bf16 read half of the symmetric couplings.
  const int64_t smaller = what.precision != Precision::bf16 ? 1 : what.batch <= 2 ? 4 : 2;
  const int64_t coupling_bytes = machine_.coupling_bytes / smaller;
  const int64_t step_bytes = coupling_bytes + n * together * kStateBytes;
  figure.cost = {static_cast<double>(machine_.multiply_adds), static_cast<double>(n),
                 static_cast<double>(step_bytes) / static_cast<double>(together), step_bytes};
  if (what.kind == Kind::graph) {
    const int64_t in_line = std::min<int64_t>(together, kLineFloats);
    figure.cost.lines = static_cast<double>(machine_.multiply_adds) / static_cast<double>(in_line);
    figure.cost.scattered_set = n * in_line * static_cast<int64_t>(sizeof(float));
  }
  RunOptions options;
  options.dt = kDt;
  options.noise = {options_.seed, stream::kRun};
  options.trajectories = what.batch;
  options.threads = what.threads;
  options.precision = what.precision;
  options.engine = what.engine;
  if (what.engine == EngineKind::cuda) {
    // Of its ceilings that of the products alone is known.
    figure.cost = {static_cast<double>(machine_.multiply_adds)};
    const double peak = device_multiply_adds(what.precision);
    const double least = std::max(figure.cost.multiply_adds, static_cast<double>(n)) / peak;
    figure.rates = steady_rates(machine_, options, options_.seconds, least, options_.go_on);
    return compare(figure, peak);
  }
  const double multiply_adds = ceilings_.multiply_adds(what.precision, what.threads);
  const double floor =
      std::max(figure.cost.multiply_adds / multiply_adds, figure.cost.normals / ceilings_.normals(what.threads));
  figure.rates = steady_rates(machine_, options, options_.seconds, floor * what.threads, options_.go_on);
  compare(figure, multiply_adds);
}

void Bench::measure_images(Figure& figure) {
  const Case& what = figure.what;
  Design design = published_design();
  Protocol protocol = find_protocol(design, "generation");
  const Computer& computer = design.computer;
  const int64_t all_steps = count_steps(protocol, design.dt);
  figure.units = computer.units();
  figure.unit = "images/s";
  figure.cost.normals = static_cast<double>(computer.units()) * static_cast<double>(all_steps);
  for (const Segment& segment : protocol.segments) {
    if (segment.couplings == kNoCouplings) continue;
    // The biases that are counted as well are less than a thousandth.
    const auto couplings = static_cast<double>(count_parameters(computer, computer.sets[segment.couplings]));
    figure.cost.multiply_adds += 2 * couplings * static_cast<double>(count_steps(segment, design.dt));
  }
  RunOptions options;
  options.dt = design.dt;
  options.integrator = design.integrator;
  options.noise = {options_.seed, stream::kGeneration};
  options.trajectories = what.batch;
  options.threads = what.threads;
  options.progress = [&](const Progress&) { return options_.go_on(); };
  // Whole runs with their set-up, of a hundredth of the protocol at first, then longer as the time allows.
  double part = 0.01;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    Protocol shortened = protocol;
    for (Segment& segment : shortened.segments) {
      const auto steps = std::round(part * static_cast<double>(count_steps(segment, design.dt)));
      segment.duration = std::max(1.0, steps) * design.dt;
    }
    const Run run = swell::run(computer, shortened, options);
    const double share = static_cast<double>(run.steps) / static_cast<double>(all_steps);
    figure.rates.push_back(static_cast<double>(what.batch) * share / run.wall_s);
    part = std::clamp(part * options_.seconds / (kRepetitions * run.wall_s), 0.01, 1.0);
  }
  compare(figure, ceilings_.multiply_adds_f32(what.threads));
}

void Bench::measure_product(Figure& figure) {
  const Case& what = figure.what;
  const int64_t n = what.units;
  figure.units = n;
  figure.unit = "products/s";
  figure.cost.multiply_adds = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  std::vector<double> a(n * n, 0.5), b(n * n, 0.25), c(n * n, 0.0);
  for (int repetition = 0; repetition <= kRepetitions; ++repetition) {
    if (!options_.go_on()) throw Interrupted("the benchmark was interrupted");
    const double took = seconds_of([&] { add_product(n, n, n, a.data(), n, b.data(), n, c.data(), n, what.threads); });
    if (repetition > 0) figure.rates.push_back(1 / took);  // the first one touches the memory
  }
  compare(figure, ceilings_.multiply_adds_f64(what.threads));
}

// The products of one update of a machine of stages alone, and updates with all that belongs to them.
void Bench::measure_learning(Figure& figure) {
  const Case& what = figure.what;
  const bool update = what.what == Case::What::learning_update, bf16 = what.precision == Precision::bf16;
  figure.units = kLearningUnits;
  figure.unit = update ? "updates/s" : "products/s";
  figure.cost.multiply_adds = update ? kLearningMultiplyAdds : kProductMultiplyAdds;
  if (update) figure.cost.normals = kLearningNormals;
  figure.rates = update ? update_rates(bf16, what.threads, options_.seconds, options_.go_on)
                        : learning_product_rates(bf16, what.threads, options_.seconds, options_.go_on);
  compare(figure, ceilings_.multiply_adds(what.precision, what.threads));
}

// Bits from outside, held against the same without what is done with them.
void Bench::measure_bits(Figure& figure) {
  const Case& what = figure.what;
  const auto rates_of = [&] {
    if (what.what == Case::What::system_bits) return system_rates(options_.seconds, options_.go_on);
    if (what.what == Case::What::tape_bits) return tape_rates(options_.seconds, options_.go_on);
    if (what.what == Case::What::run_on_bits) return run_rates(what.threads, options_.seconds, options_.go_on);
    return key_rates(what.kind, what.threads, options_.seconds, options_.go_on);
  };
  const bool run = what.units > 0;
  const FeedRates rates = rates_of();
  std::vector<double> ratios;
  for (size_t k = 0; k < rates.feed.size(); ++k) ratios.push_back(std::log(rates.feed[k] / rates.limit[k]));
  const Estimate logarithm = estimate(ratios);  // which noise shifts neither way
  const double ratio = std::exp(logarithm.mean);
  figure.of_limit = {ratio, ratio * logarithm.stderr_of_mean, logarithm.count};
  figure.units = run ? kFeedUnits : 0;
  figure.unit = run ? "trajectory-steps/s" : "bytes/s";  // of keys: seconds of the processor
  figure.rates = rates.feed;
  figure.limit_s = 1 / *std::max_element(rates.limit.begin(), rates.limit.end());
  compare(figure, 0);
}

}  // namespace swell::bench
