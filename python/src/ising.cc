// Ground states of p-bits.

#include "arrays.h"
#include "course.h"
#include "json.h"
#include "module.h"
#include "options.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/ising/langevin.h"
#include "swell/programs/ising/price.h"
#include "swell/programs/ising/problem.h"
#include "swell/programs/ising/search.h"
#include "watch.h"

namespace swell::python {

namespace {

using ising::SearchResult;

enum class Method { anneal, tempering, langevin };

struct Search : ising::SearchOptions {
  Method how = Method::anneal;
};

void set_method(Search& search, nb::handle value) {
  search.how = one_of<Method>(
      value, "method", {{"anneal", Method::anneal}, {"tempering", Method::tempering}, {"langevin", Method::langevin}});
  search.method = search.how == Method::tempering ? ising::Method::tempering : ising::Method::anneal;
}

// States [starts, units] of +1 and -1.
void set_starts(Search& search, nb::handle value) {
  const auto spins = nb::cast<In<int8_t, 2>>(value);
  for (size_t k = 0; k < spins.shape(0); ++k) {
    const int8_t* row = spins.data() + k * spins.shape(1);
    search.starts.emplace_back(row, row + spins.shape(1));
  }
}

void set_rule(Search& search, nb::handle value) {
  search.rule = one_of<FlipRule>(
      value, "rule",
      {{name_of(FlipRule::gibbs), FlipRule::gibbs}, {name_of(FlipRule::metropolis), FlipRule::metropolis}});
}

const Options<Search>& options_of_a_search() {
  static const Options<Search> all = search_options<Search>({{"method", set_method},
                                                             {"sweeps", SWELL_INTO(sweeps)},
                                                             {"hot", SWELL_INTO(hot)},
                                                             {"cold", SWELL_INTO(cold)},
                                                             {"rule", set_rule},
                                                             {"isa", SWELL_INTO(isa)},
                                                             {"start", set_starts}});
  return all;
}

// One search, as `swell ising` makes it: small models are over as soon as the lowest of all energies is found.
nb::dict search(const IsingModel& model, const nb::dict& given, nb::object progress) {
  Search options;
  Watch watch(std::move(progress));
  read_search(given, options_of_a_search(), "a search", options, watch);
  require_at_least(1, "sweeps", options.sweeps);
  require_not_negative("hot", options.hot);
  require_not_negative("cold", options.cold);
  const bool continuous = options.how == Method::langevin;
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
  told["rule"] = continuous ? nb::none() : nb::object(nb::str(name_of(result.rule).data(), name_of(result.rule).size()));
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
  module.attr("_search_options") = tuple_of(options_of_a_search());
  module.def("_search", &search, nb::arg("model"), nb::arg("options"), nb::arg("progress").none());
}

}  // namespace swell::python
