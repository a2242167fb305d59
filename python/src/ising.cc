// Ground states of p-bits.

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>
#include <cmath>

#include "arrays.h"
#include "course.h"
#include "json.h"
#include "module.h"
#include "options.h"
#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/programs/ising/langevin.h"
#include "swell/programs/ising/price.h"
#include "swell/programs/ising/problem.h"
#include "swell/programs/ising/search.h"
#include "watch.h"

namespace swell::python {

namespace {

using ising::SearchOptions;
using ising::SearchResult;

// method, and what a search is told; None keeps the library's default.
struct Asked {
  std::string method;
  SearchOptions options;
};

constexpr const char* kOptions[] = {"method", "seed", "threads", "time",   "runs",
                                    "sweeps", "hot",  "cold",    "target", "isa"};

Asked asked_of(const nb::dict& given) {
  require_known(given, kOptions, "a search");
  Asked asked{"anneal", {}};
  SearchOptions& options = asked.options;
  options.threads = hardware_threads();
  set_option(given, "method", asked.method);
  set_option(given, "seed", options.seed);
  set_option(given, "threads", options.threads);
  set_option(given, "time", options.seconds);
  set_option(given, "sweeps", options.sweeps);
  set_option(given, "hot", options.hot);
  set_option(given, "cold", options.cold);
  set_option(given, "isa", options.isa);
  if (given.contains("target")) set_option(given, "target", options.target.emplace());
  if (given.contains("runs")) {
    set_option(given, "runs", options.runs);
    options.seconds = 0;
  }
  const auto refuse = [](const char* what, double value, const char* allowed) {
    throw InputError(fmt::format("{} {} is not allowed; {} is", what, value, allowed));
  };
  if (!(options.seconds >= 0 && options.seconds < 1e12)) refuse("time", options.seconds, "a time above 0 s");
  if (options.seconds == 0 && !given.contains("runs")) refuse("time", 0, "a time above 0 s");
  if (options.runs < 1) refuse("runs", static_cast<double>(options.runs), "1 or more");
  if (options.sweeps < 1) refuse("sweeps", static_cast<double>(options.sweeps), "1 or more");
  if (options.threads < 1) refuse("threads", options.threads, "1 or more");
  if (!(options.hot >= 0 && options.hot < 1e300)) refuse("hot", options.hot, "0 or more");
  if (!(options.cold >= 0 && options.cold < 1e300)) refuse("cold", options.cold, "0 or more");
  if (asked.method == "tempering") options.method = ising::Method::tempering;
  if (asked.method != "anneal" && asked.method != "tempering" && asked.method != "langevin")
    throw InputError(fmt::format("method '{}' is not known; anneal, tempering, langevin are", asked.method));
  return asked;
}

// One search, as `swell ising` makes it: small models are over as soon as the lowest of all energies is found.
nb::dict search(const IsingModel& model, const nb::dict& given, nb::object progress) {
  Asked asked = asked_of(given);
  SearchOptions& options = asked.options;
  Watch watch(std::move(progress));
  options.go_on = [&watch] { return watch.go_on(); };
  options.progress = [&](double, double at) { watch.tell("searching", at, options.seconds); };
  const bool continuous = asked.method == "langevin";
  SearchResult result;
  watch.run(false, [&] {
    if (!options.target) options.target = ising::enumerate_ground_energy(model);
    if (continuous) {
      result = ising::search_continuously(model, options);
    } else {
      result = ising::search(Pbits(model), options);
    }
  });
  nb::dict told = told_of(result, watch);
  told["energy"] = result.energy;
  told["sweeps"] = result.sweeps;
  told["flips"] = continuous ? nb::none() : nb::object(nb::float_(result.flips));
  told["heat"] = result.heat;
  told["host_flips"] = result.host_flips;
  told["found_by"] = result.best_by;
  told["units_after_reduction"] = result.reduced_units;
  told["kT_hot"] = result.hot;
  told["kT_cold"] = result.cold;
  nb::list trace;
  for (const auto& step : result.trace) trace.append(nb::make_tuple(step.seconds, step.cost));
  told["trace"] = trace;
  const ising::Seeded seeded{options.seed, result.energy, std::move(result)};
  told["bill"] = to_python(to_json(ising::price(std::span(&seeded, 1), model, continuous, {})));
  told["spins"] = give(seeded.search.spins, {model.units});
  return told;
}

}  // namespace

void add_ising(nb::module_& module) {
  module.attr("_search_options") = tuple_of(kOptions);
  module.def("_search", &search, nb::arg("model"), nb::arg("options"), nb::arg("progress").none());
}

}  // namespace swell::python
