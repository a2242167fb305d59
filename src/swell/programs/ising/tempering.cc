#include "swell/programs/ising/tempering.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/ledger/chains.h"
#include "swell/physics/metropolis.h"
#include "swell/programs/ising/local_search.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::ising {

namespace {

constexpr int64_t kTemperatures = 32;  // of a ladder
constexpr int64_t kSweepsPerRound = 10;
// At first the ladder is spread anew after so many rounds, so that all exchanges are taken about as often.
constexpr int64_t kRoundsPerSpread = 32, kSpreads = 12;
constexpr int64_t kMostWatched = 256;  // rounds whose energies at the lowest temperature are kept

// Exchanges between `a` and `b` the cluster of units around `start` in which they differ.
void exchange_cluster(const IsingModel& model, int8_t* a, int8_t* b, int64_t start) {
  std::vector<int64_t> cluster = {start};
  const auto swap = [&](int64_t i) {
    a[i] = static_cast<int8_t>(-a[i]);
    b[i] = static_cast<int8_t>(-b[i]);
  };
  std::vector<char> seen(model.units, 0);
  seen[start] = 1;
  for (size_t at = 0; at < cluster.size(); ++at) {
    const int64_t i = cluster[at];
    for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) {
      const int32_t j = model.neighbour[k];
      if (seen[j] || a[j] == b[j]) continue;
      seen[j] = 1;
      cluster.push_back(j);
    }
  }
  for (const int64_t i : cluster) swap(i);
}

class Ladders {
 public:
  Ladders(const Pbits& pbits, const SearchOptions& options)
      : pbits_(pbits),
        model_(pbits.model()),
        options_(options),
        minimum_(model_, std::vector<int8_t>(model_.units, 1)),
        search_(options, EnergyOrder{minimum_.grain()}, result_) {
    result_.best_by = "tempering";
    Range range = temperature_range(model_);
    range.hot *= 1.5;
    range = between(range, options.hot, options.cold);
    result_.hot = range.hot;
    result_.cold = range.cold;
    result_.rule = rule_of(options, range);
    for (int64_t r = 0; r < 2 * kTemperatures; ++r) {
      const double step = static_cast<double>(r % kTemperatures) / (kTemperatures - 1);
      beta_.push_back(1 / (result_.cold * std::pow(result_.hot / result_.cold, step)));
    }
    run_.units = model_.units;
  }

  SearchResult result() {
    result_.runs = 1;
    if (!options_.starts.empty()) {
      place([this](int64_t r, std::span<int8_t> spins) { std::ranges::copy(start_of(options_, r), spins.begin()); });
      keep_best();
    }
    const int64_t most = options_.seconds > 0 ? INT64_MAX : std::max<int64_t>(1, options_.sweeps / kSweepsPerRound);
    for (int64_t round = 0; round < most && !result_.hit_target; ++round) {
      bool open = true;
      sweep(round, [&] { return open = search_.open(); });
      keep_best();
      if (!open) break;
      exchange_clusters(round);
      exchange_replicas(round);
      watch(round);
      if (round % kRoundsPerSpread == kRoundsPerSpread - 1 && round < kRoundsPerSpread * kSpreads) spread();
    }
    result_.seconds = search_.elapsed();
    result_.energy = search_.best_cost();
    result_.spins = search_.take_best();
    report();
    return std::move(result_);
  }

 private:
  double draw(int64_t round, int64_t which) {
    return draw_uniform({options_.seed, stream::kPbitSwaps}, static_cast<uint64_t>(round),
                        static_cast<uint64_t>(which));
  }

  void sweep(int64_t round, std::function<bool()> go_on) {
    std::vector<double> kT;
    for (const double beta : beta_) kT.push_back(1 / beta);
    const std::vector<int8_t> start = std::move(run_.spins);
    RunOptions options;
    options.rule = result_.rule;
    options.noise = {options_.seed, stream::kPbits};
    options.trajectories = 2 * kTemperatures;
    options.kT_of_trajectory = kT;
    options.first_step = round * kSweepsPerRound;
    options.threads = options_.threads;
    options.isa = options_.isa;
    options.start_spins = start;
    options.kept = Kept::part;
    options.progress = [&](const Progress&) { return go_on(); };
    Segment segment;
    segment.name = "round";
    segment.duration = kSweepsPerRound;
    segment.couplings = 0;
    try {
      run_ = swell::run(System(model_, &pbits_), {"round", {segment}}, options);
    } catch (const Interrupted&) {
      run_.spins = start;
      if (run_.spins.empty())  // for a search that ends before its first round
        place([this](int64_t r, std::span<int8_t> spins) { fill_random_spins(options_.seed, r, spins); });
      return;
    }
    result_.sweeps += run_.steps * run_.trajectories;
    result_.costs.add(run_);
    for (int64_t r = 0; r < run_.trajectories; ++r) {
      result_.flips += static_cast<double>(run_.flips[r]);
      result_.heat += run_.book(r, 0).heat;
    }
  }

  // Replicas before the first round.
  void place(const std::function<void(int64_t replica, std::span<int8_t> spins)>& fill) {
    run_.spins.resize(2 * kTemperatures * model_.units);
    run_.end_energy.clear();
    for (int64_t r = 0; r < 2 * kTemperatures; ++r) {
      const std::span<int8_t> spins{run_.spins.data() + r * model_.units, static_cast<size_t>(model_.units)};
      fill(r, spins);
      run_.end_energy.push_back(ising_energy(model_, spins));
    }
  }

  void keep_best() {
    const auto lowest = std::min_element(run_.end_energy.begin(), run_.end_energy.end());
    if (*lowest >= seen_ - minimum_.grain()) return;
    seen_ = *lowest;
    minimum_.reset(run_.spins_of(lowest - run_.end_energy.begin()));
    const int64_t flips = minimum_.flips();
    minimum_.descend_pairs();
    result_.host_flips += static_cast<double>(minimum_.flips() - flips);
    search_.offer(minimum_.energy(), 0,
                  [&] { return std::vector<int8_t>(minimum_.spins().begin(), minimum_.spins().end()); });
  }

  // Only in the colder half: where replicas are disordered, the cluster is nearly all of the model.
  void exchange_clusters(int64_t round) {
    for (int64_t r = 0; r < kTemperatures / 2; ++r) {
      int8_t *a = run_.spins.data() + r * model_.units, *b = a + kTemperatures * model_.units;
      std::vector<int64_t> different;
      for (int64_t i = 0; i < model_.units; ++i) {
        if (a[i] != b[i]) different.push_back(i);
      }
      if (different.empty()) continue;
      exchange_cluster(model_, a, b,
                       different[static_cast<size_t>(draw(round, r) * static_cast<double>(different.size()))]);
      for (const int64_t replica : {r, r + kTemperatures})
        run_.end_energy[replica] = ising_energy(model_, run_.spins_of(replica));
    }
  }

  // Neighbouring temperatures, even and odd pairs in turn: accepted with min(1, exp(dbeta dE)).
  void exchange_replicas(int64_t round) {
    for (int64_t ladder = 0; ladder < 2; ++ladder) {
      for (int64_t r = round % 2; r + 1 < kTemperatures; r += 2) {
        const int64_t colder = ladder * kTemperatures + r, hotter = colder + 1;
        const double x = (beta_[colder] - beta_[hotter]) * (run_.end_energy[colder] - run_.end_energy[hotter]);
        taken_[r] += metropolis_probability(-x, 1);
        ++tried_[r];
        if (!metropolis_takes(-x, 1, [&] { return draw(round, 1000 + colder); })) continue;
        std::swap(run_.end_energy[colder], run_.end_energy[hotter]);
        std::swap_ranges(run_.spins.begin() + colder * model_.units, run_.spins.begin() + (colder + 1) * model_.units,
                         run_.spins.begin() + hotter * model_.units);
      }
    }
  }

  // Steps of log kT grow where exchanges are taken often, and shrink where they are not; hot and cold stay.
  void spread() {
    std::array<double, kTemperatures - 1> steps;
    double mean = 0, sum = 0;
    for (const double taken : taken_) mean += taken / (kTemperatures - 1);
    for (int64_t r = 0; r + 1 < kTemperatures; ++r) {
      steps[r] = std::log(beta_[r] / beta_[r + 1]) * (0.5 + taken_[r] / std::max(mean, 1e-300));
      sum += steps[r];
    }
    double kT = std::log(result_.cold);
    for (int64_t r = 0; r + 1 < kTemperatures; ++r) {
      kT += steps[r] / sum * std::log(result_.hot / result_.cold);
      beta_[r + 1] = beta_[kTemperatures + r + 1] = std::exp(-kT);
    }
    taken_.fill(0);
    tried_.fill(0);
  }

  // The energies of both ladders at the lowest temperature, once the rungs stay where they are.
  void watch(int64_t round) {
    if (round < kRoundsPerSpread * kSpreads) return;
    const std::span<double> row = coldest_.next();
    for (size_t ladder = 0; ladder < row.size(); ++ladder)
      row[ladder] = run_.end_energy[ladder * static_cast<size_t>(kTemperatures)];
  }

  // Both ladders began in states of their own, random ones unless starts were given.
  void report() {
    for (int64_t r = 0; r < kTemperatures; ++r) result_.rungs.push_back(1 / beta_[r]);
    if (std::ranges::all_of(tried_, [](int64_t tried) { return tried > 0; })) {
      for (int64_t r = 0; r + 1 < kTemperatures; ++r)
        result_.swap_acceptance.push_back(taken_[r] / static_cast<double>(tried_[r]));
    }
    Diagnostics& told = result_.diagnostics;
    told = no_diagnostics("replicas go from one temperature to the next");
    told.no_claim = "a search for the lowest state, which need not come to equilibrium";
    told.first_law = Known<FirstLaw>::none("heat of p-bits is read from E, so that there is nothing to close");
    told.chain = "ladders";
    told.r_hat = told.effective_draws =
        Known<double>::unknown("energies at the lowest kT differ too little, or there were too few rounds");
    Chains chains{2, coldest_.rows(), {}};
    for (int64_t ladder = 0; ladder < 2; ++ladder) {
      for (int64_t k = 0; k < chains.draws; ++k) chains.values.push_back(coldest_.at(k, ladder));
    }
    swell::watch(told, "the energy at the lowest kT", chains, Diagnostics::kMost);
  }

  const Pbits& pbits_;
  const IsingModel& model_;
  const SearchOptions& options_;
  LocalSearch minimum_;                            // of the lowest states
  double seen_ = INFINITY;                         // lowest energy of a replica so far
  std::array<double, kTemperatures - 1> taken_{};  // sum of the probabilities of exchange, since the last spread
  std::array<int64_t, kTemperatures - 1> tried_{};
  EvenRecord coldest_{2, kMostWatched};
  std::vector<double> beta_;
  Run run_;
  SearchResult result_;
  Restarts<std::vector<int8_t>, EnergyOrder> search_;
};

}  // namespace

SearchResult temper(const Pbits& pbits, const SearchOptions& options) { return Ladders(pbits, options).result(); }

}  // namespace swell::ising
