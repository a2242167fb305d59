// A program of the core alone (src/swell/core.cmake), linked without any library for files: a machine of each kind
// runs, one is trained, a mail round cools, and what needs a file says so.

#include <cmath>
#include <cstdio>
#include <string>
#include <tuple>

#include "swell/learn/learned_protocol.h"
#include "swell/model/builder.h"
#include "swell/programs/generate/sample.h"
#include "swell/programs/generate/train.h"
#include "swell/programs/route/connect.h"
#include "swell/programs/route/round_chain.h"
#include "swell/swell.h"

namespace {

int failures = 0;

void expect(bool held, const std::string& what) {
  if (held) return;
  std::printf("failed: %s\n", what.c_str());
  ++failures;
}

constexpr const char* kDesign = R"(name = "tiny"
dt = 0.01
kT = 0.1
[[group]]
name = "visible"
shape = [4, 4]
J2 = 1
J4 = 1
pattern = "data"
[[coupling]]
between = ["visible", "visible"]
[[bias]]
group = "visible"
[[protocol.noising]]
duration = 1
drive = { visible = 2 }
[[protocol.noising]]
duration = 1
drive = { visible = [[0.0, 2.0], [1.0, 0.0]] }
learned = true
[[protocol.generation]]
duration = 1
[[protocol.generation]]
duration = 1
couplings = "learned"
)";

void train_and_generate() {
  using namespace swell;
  DataSet images{{4, 4}, {}, {}, {}, 0, "halves"};
  for (int k = 0; k < 32; ++k) images.values.push_back((k < 16 ? k % 4 < 2 : k / 4 % 2 == 0) ? 1.0 : -1.0);
  generate::TrainReport report;
  const Trained trained = generate::train(parse_design(kDesign, "tiny"), images, {}, report);
  expect(report.converged, "exact training");
  generate::SampleOptions options;
  options.samples = 64;
  options.film_samples = 0;
  const generate::Samples samples = generate::generate(trained, options);
  expect(samples.count == 64 && samples.judged && samples.quality.nearest_cosine.mean > 0.3, "samples resemble images");
}

void run_each_kind() {
  using namespace swell;
  const std::vector<IsingEdge> edges = {{0, 1, 1.0}};
  const IsingModel pair = make_ising(2, edges);
  RunOptions options;
  options.trajectories = 4000;
  const Run spins = run(pair, {"hold", {{"hold", 50, 0, {}, {{{0.0, 1.0}}}, {}}}}, options);
  double product = 0;
  for (int64_t t = 0; t < spins.trajectories; ++t) product += spins.spins_of(t)[0] * spins.spins_of(t)[1] / 4000.0;
  expect(std::abs(product - std::tanh(1.0)) < 0.06, "<m m'> of two p-bits is tanh(J/kT)");
  LinearSystem damped{Matrix(1, 1), {0.0}, Matrix(1, 1)};
  damped.drift(0, 0) = 2;
  damped.noise(0, 0) = 2;
  RunOptions exact = options;
  exact.integrator = Integrator::exact;
  exact.dt = 1;
  const Run voltages = run(damped, {"relax", {{"relax", 10, 0, {}, {{{0.0, 1.0}}}, {}}}}, exact);
  double square = 0;
  for (int64_t t = 0; t < voltages.trajectories; ++t) square += std::pow(voltages.state(t)[0], 2) / 4000.0;
  expect(std::abs(square - 0.5) < 0.06, "variance of a damped voltage is noise / (2 drift)");
  try {
    RunOptions kept = options;
    kept.checkpoint.path = "file";
    run(pair, {"hold", {{"hold", 50, 0, {}, {{{0.0, 1.0}}}, {}}}}, kept);
    expect(false, "a checkpoint is refused");
  } catch (const IoError& error) {
    expect(std::string(error.what()).find("no files") != std::string::npos, error.what());
  }
}

// Two triangles that share a street of length 4: it joins the two odd crossings, and is walked twice.
void cool_a_round() {
  using namespace swell;
  StreetNetwork town;
  for (const char* name : {"a", "b", "c", "d"}) town.junctions.push_back({name, {}});
  for (const auto& [a, b, length] : {std::tuple{0, 1, 4.0}, {0, 2, 3.0}, {2, 1, 5.0}, {0, 3, 6.0}, {3, 1, 2.0}})
    town.streets.push_back({a, b, length, length, false, 0, {}, {}});
  town.depot = 0;
  const route::RoundTask task = route::round_task(town, "all", 0);
  const route::Relaxed exact = route::relaxed_round(task, route::whole_lengths(town));
  expect(exact.round && exact.round->length == 24, "the least round through every street, by matching");
  const route::Ways ways(town, route::junctions_of_plan(task), [] { return true; });
  const route::Plan start(task, ways);
  route::Cooling cooling = route::cooling_of(task, start);
  cooling.moves = 20'000;
  route::RoundChain chain(start, cooling, true, 1, 0);
  chain.advance(cooling.moves);
  expect(route::check_round(task, chain.plan().best_round()).length == 24, "a cooled chain comes down to it");
}

}  // namespace

int main() {
  train_and_generate();
  run_each_kind();
  cool_a_round();
  return failures;
}
