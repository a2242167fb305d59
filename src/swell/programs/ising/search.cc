#include "swell/programs/ising/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/base/parcel.h"
#include "swell/base/ranks.h"
#include "swell/ledger/temperature.h"
#include "swell/programs/ising/elites.h"
#include "swell/programs/ising/local_search.h"
#include "swell/programs/ising/recombine.h"
#include "swell/programs/ising/reduce.h"
#include "swell/programs/ising/tempering.h"
#include "swell/random/streams.h"

namespace swell::ising {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kCyclesPerSweep = 0.6;  // sweeps spent on annealing again, for each of the first cooling
constexpr int64_t kCycleSweeps = 1500;
constexpr int64_t kProbeSweeps = 50;   // to learn how fast sweeps are
constexpr int64_t kQuenchSweeps = 20;  // where time runs out on the way down
constexpr int64_t kHopsPerUnit = 20;   // after an annealing of fixed length, where scales differ

// What a search of given time tries in turn, first briefly each; what finds the best gets most of the time that is
// left.
enum Way { kAnneal, kHops, kTabu, kWays };
constexpr std::array<const char*, kWays> kWayNames = {"annealing", "hops", "tabu search"};
constexpr int64_t kBriefEpisodes = 2;  // of each thread and way
constexpr double kBrief = 0.02;        // of the time, each
constexpr double kLongest = 0.45;      // of the time: an episode
// Parts of a huge model that are far apart are solved apart: many states, recombined, give more than one slow cooling.
constexpr int64_t kHuge = 10000;
constexpr double kLongestOfHuge = 0.07;
constexpr double kShareOfLosers = 0.04;   // weight of a way that has not found the best
constexpr double kTrial = 0.3;            // of the time: how long annealing leads in any case, where models are sparse
constexpr int64_t kTabuPerUnit = 20;      // steps without a better state, after which a search ends
constexpr int64_t kMostTabuUnits = 5000;  // every step looks at all of them
constexpr double kMostDegree = 40;        // of models whose states are recombined: else blocks are few and huge
constexpr size_t kElites = 16, kElitesMerged = 40;
constexpr int64_t kRecombinations = 6;  // after a run
// States of models so sparse are merged many at once: what they agree on is still most of the model.
constexpr double kMostDegreeMerged = 8;
constexpr size_t kMostHeld = 256;    // runs whose end states are looked at, where the temperature is one
constexpr int64_t kMostParents = 8;  // beside the state they are merged into
// On square lattices and the like a merger finds the best of what many short coolings found.
constexpr double kMostDegreeOfLattices = 5;
constexpr double kLongestOfLattices = 0.04;

double mean_degree(const IsingModel& model) {
  return static_cast<double>(model.neighbour.size()) / static_cast<double>(model.units);
}

struct Found {
  std::vector<int8_t> spins;
  std::string by;  // what found it
};

// One search on the reduced model: what its runs share.
class Search : public Restarts<Found, EnergyOrder> {
 public:
  Search(const Pbits& pbits, const SearchOptions& options)
      : Restarts(options, energy_order(pbits.model()), result_),
        pbits_(pbits),
        model_(pbits.model()),
        options_(options),
        mirrored_(std::ranges::all_of(model_.h, [](double h) { return h == 0; })),
        grain_(energy_order(model_).grain),
        merges_(mean_degree(model_) <= kMostDegreeMerged),
        elites_(merges_ ? kElitesMerged : kElites, mirrored_) {
    range_ = between(temperature_range(model_), options.hot, options.cold);
    result_.hot = range_.hot;
    result_.cold = range_.cold;
    result_.rule = rule_of(options, range_);
    const double degree = mean_degree(model_);
    recombines_ = degree <= kMostDegree;
    latticed_ = degree <= kMostDegreeOfLattices;
    favours_annealing_ = recombines_ && !range_.wide;
    ways_[kTabu].used_s = model_.units <= kMostTabuUnits ? 0 : std::numeric_limits<double>::infinity();
  }

  SearchResult result() {
    offer_starts();
    each([&](int64_t number) { timed() ? take_turn(number) : run(number, options_.sweeps); });
    if (options_.ranks) put_together(*options_.ranks);
    for (const auto& [number, heat] : heat_of_run_) result_.heat += heat;
    Found best = take_best();
    result_.energy = best_cost();
    result_.spins = std::move(best.spins);
    result_.best_by = std::move(best.by);
    if (is_held()) diagnose_held();
    return std::move(result_);
  }

 private:
  bool is_held() const { return range_.hot == range_.cold; }

  // The runs of all ranks are those of one search; of what they found, the best, and of equals that of the lowest run.
  void put_together(Ranks& ranks) {
    Parcel parcel;
    const bool any = std::isfinite(best_cost());
    parcel.put(any);
    parcel.put(best_run());
    const Found found = take_best();
    parcel.put(best_cost());
    parcel.put_text(found.by);
    parcel.put_all(found.spins);
    parcel.put(result_.seconds_to_best);
    for (const int64_t count : {result_.runs, result_.sweeps}) parcel.put(count);
    for (const double count : {result_.flips, result_.host_flips, result_.costs.multiply_adds, result_.costs.draws})
      parcel.put(count);
    parcel.put_text(result_.costs.engine);
    parcel.put(result_.interrupted);
    parcel.put_all(result_.trace);
    parcel.put(heat_of_run_.size());
    for (const auto& [number, heat] : heat_of_run_) {
      parcel.put(number);
      parcel.put(heat);
    }
    parcel.put(held_.size());
    for (const auto& [number, spins] : held_) {
      parcel.put(number);
      parcel.put_all(spins);
    }
    const std::vector<Ranks::Bytes> all = ranks.gather(parcel.bytes());
    forget();
    result_.runs = result_.sweeps = 0;
    result_.flips = result_.host_flips = 0;
    result_.costs = {};
    std::vector<SearchCourse::Improvement> trace;
    double to_best = 0;
    for (const Ranks::Bytes& bytes : all) take_over(Parcel(bytes), trace, to_best);
    result_.trace = in_one_course(std::move(trace));
    result_.seconds_to_best = to_best;
    while (held_.size() > kMostHeld) held_.erase(std::prev(held_.end()));
  }

  void take_over(Parcel parcel, std::vector<SearchCourse::Improvement>& trace, double& to_best) {
    const bool any = parcel.take<bool>();
    const auto number = parcel.take<int64_t>();
    const auto cost = parcel.take<double>();
    const std::string by = parcel.take_text();
    const auto spins = parcel.take_all<int8_t>();
    const auto seconds = parcel.take<double>();
    if (any && Restarts::offer(cost, number, [&] { return Found{spins, by}; })) to_best = seconds;
    result_.runs += parcel.take<int64_t>();
    result_.sweeps += parcel.take<int64_t>();
    result_.flips += parcel.take<double>();
    result_.host_flips += parcel.take<double>();
    const auto multiply_adds = parcel.take<double>(), draws = parcel.take<double>();
    result_.costs.add(RunCosts{parcel.take_text(), multiply_adds, draws});
    result_.interrupted = parcel.take<bool>() || result_.interrupted;
    for (const auto& step : parcel.take_all<SearchCourse::Improvement>()) trace.push_back(step);
    for (auto left = parcel.take<size_t>(); left > 0; --left) {
      const auto run = parcel.take<int64_t>();
      heat_of_run_[run] = parcel.take<double>();
    }
    for (auto left = parcel.take<size_t>(); left > 0; --left) {
      const auto run = parcel.take<int64_t>();
      held_[run] = parcel.take_all<int8_t>();
    }
  }

  // Starts are answers too, before those of all runs.
  void offer_starts() {
    for (const std::vector<int8_t>& start : options_.starts) {
      LocalSearch state(model_, start);
      state.descend();
      elites_.offer(state.spins(), state.energy());
      Restarts::offer(state.energy(), -1, [&] {
        return Found{{state.spins().begin(), state.spins().end()}, "a start"};
      });
      // Every rank does the same.
      if (!options_.ranks || options_.ranks->rank() == 0) result_.host_flips += static_cast<double>(state.flips());
    }
  }

  // Runs at one temperature: the states in which they ended, each from a state of its own.
  void diagnose_held() {
    std::vector<int8_t> spins;
    for (const auto& [number, state] : held_) spins.insert(spins.end(), state.begin(), state.end());
    Diagnostics& told = result_.diagnostics;
    told = no_diagnostics("of each run the state at its end is kept");
    told.first_law = Known<FirstLaw>::none("heat of p-bits is read from E, so that there is nothing to close");
    told.chain = "runs";
    told.advice = "more sweeps, a larger budget or a higher kT";
    told.kT_unit = "coupling";
    told.kT_set = range_.cold;
    const Estimate kT = spins.empty() ? Estimate{} : pbit_temperature(model_, spins);
    if (kT.count > 0) {
      told.kT = kT;
    } else {
      told.kT = Known<Estimate>::unknown("no run came to its end, or all units lie along their fields: frozen");
    }
  }

  struct Record {
    double best = std::numeric_limits<double>::infinity();
    double used_s = 0;
    double next_s = 0;  // length of its next episode
    int64_t begun = 0;
  };

  // One episode of a search of given time.
  void take_turn(int64_t number) {
    Way way;
    double length;
    {
      const std::lock_guard lock(mutex_);
      way = choose();
      length = std::min(ways_[way].next_s, std::max(0.0, left()));
    }
    const double start = elapsed();
    if (way == kAnneal)
      anneal_for(number, length);
    else
      walk_for(way, number, length);
    const std::lock_guard lock(mutex_);
    ways_[way].used_s += elapsed() - start;
  }

  // First each way briefly; then the one that is furthest behind its share of the time.
  Way choose() {
    Way chosen = kAnneal;
    double least = std::numeric_limits<double>::infinity();
    const bool brief = std::ranges::any_of(ways_, [&](const Record& way) { return is_brief(way); });
    for (const Way way : {kAnneal, kTabu, kHops}) {
      const Record& record = ways_[way];
      if (brief && !is_brief(record)) continue;
      const double weight = leads(way) ? 1 : kShareOfLosers;
      const double behind = brief ? static_cast<double>(record.begun) : record.used_s / weight;
      if (behind >= least) continue;
      least = behind;
      chosen = way;
    }
    Record& record = ways_[chosen];
    const bool first = record.begun++ < kBriefEpisodes * options_.threads;
    const double grown = std::max(2 * kBrief, 1.6 * record.next_s / options_.seconds);
    // Short annealings tell nothing about long ones: where they lead, the next is as long as any.
    const bool at_once = chosen == kAnneal && favours_annealing_;
    record.next_s = options_.seconds * (first ? kBrief : at_once ? longest() : std::min(longest(), grown));
    return chosen;
  }
  // Long annealings of sparse models go further than short ones tell: until they had their share of the time, they
  // lead.
  bool leads(Way way) const {
    const double best = ways_[way].best;
    if (!favours_annealing_) return best <= best_cost() + grain_;
    const Record& annealing = ways_[kAnneal];
    const bool tried = annealing.used_s > kTrial * options_.seconds * options_.threads;
    if (way == kAnneal) return !tried || best <= best_cost() + grain_;
    return tried && best < annealing.best - grain_;
  }
  double longest() const {
    if (latticed_) return kLongestOfLattices;
    return recombines_ && model_.units >= kHuge ? kLongestOfHuge : kLongest;
  }
  bool is_brief(const Record& way) const {
    return way.begun < kBriefEpisodes * options_.threads && std::isfinite(way.used_s);
  }

  void offer(std::span<const int8_t> spins, double energy, int64_t number, Way way, const char* by) {
    {
      const std::lock_guard lock(mutex_);
      ways_[way].best = std::min(ways_[way].best, energy);
      elites_.offer(spins, energy);
    }
    Restarts::offer(energy, number, [&] { return Found{{spins.begin(), spins.end()}, by}; });
  }

  // One replica through a protocol, from `start` or, without one, from the random state of its number. A run that is
  // stopped before its first sweep stays where it was.
  Run sample(int64_t number, int64_t& sweep, const Protocol& protocol, std::span<const int8_t> start,
             bool to_the_end = false) {
    std::vector<int8_t> from(start.begin(), start.end());
    if (start.empty()) {
      from.resize(model_.units);
      fill_random_spins(options_.seed, number, from);
    }
    RunOptions options;
    options.rule = result_.rule;
    options.noise = {options_.seed, stream::kPbits};
    options.first_trajectory = number;
    options.first_step = sweep;
    options.start_spins = from;
    options.isa = options_.isa;
    options.kept = Kept::part;
    if (!to_the_end) options.progress = [this](const Progress&) { return open(); };
    sweep += static_cast<int64_t>(protocol.segments[0].duration);
    Run run;
    try {
      run = swell::run(System(model_, &pbits_), protocol, options);
    } catch (const Interrupted&) {
      run.units = model_.units;
      run.spins = from;
      run.best_spins = run.spins;
      run.best_energy = {ising_energy(model_, run.spins)};
      return run;
    }
    const std::lock_guard lock(mutex_);
    result_.sweeps += run.steps;
    result_.flips += static_cast<double>(run.flips[0]);
    result_.costs.add(run);
    heat_of_run_[number] += run.book(0, 0).heat;
    return run;
  }

  // An annealing that takes about so long.
  void anneal_for(int64_t number, double length) {
    int64_t sweep = 0;
    double rate;
    {
      const std::lock_guard lock(mutex_);
      rate = sweeps_per_s_;
    }
    const auto start = Clock::now();
    if (rate == 0) {
      sample(number, sweep, cooling(range_, kProbeSweeps), {});
      rate = kProbeSweeps / std::max(1e-7, seconds_since(start));
    }
    run(number, std::max<int64_t>(kProbeSweeps, static_cast<int64_t>(0.95 * length * rate / (1 + kCyclesPerSweep))),
        &sweep);
    const double took = std::max(1e-7, seconds_since(start));
    const std::lock_guard lock(mutex_);
    sweeps_per_s_ = static_cast<double>(sweep) / took;
  }

  void run(int64_t number, int64_t sweeps, int64_t* from = nullptr) {
    {
      const std::lock_guard lock(mutex_);
      ++result_.runs;
    }
    int64_t unused = 0;
    int64_t& sweep = from != nullptr ? *from : unused;
    Sequence draws({options_.seed, stream::kPbitSwaps}, static_cast<uint64_t>(number));
    Run first = sample(number, sweep, cooling(range_, sweeps), start_of(options_, number));
    if (is_held() && first.steps == sweeps) {
      const std::lock_guard lock(mutex_);
      if (held_.size() < kMostHeld) held_[number] = first.spins;
    }
    if (first.steps < sweeps)
      first = sample(number, sweep, cooling({range_.cold, 0.1 * range_.cold, false}, kQuenchSweeps), first.spins, true);
    LocalSearch state(model_, first.best_spins);
    polish(state, draws);
    offer(state.spins(), state.energy(), number, kAnneal, "annealing");
    anneal_again(number, sweeps, sweep, state, draws);
    if (options_.seconds > 0) recombine_with_elites(number, state, draws);
    const std::lock_guard lock(mutex_);
    result_.host_flips += static_cast<double>(state.flips());
  }

  void polish(LocalSearch& state, Sequence& draws) {
    if (in_time())
      state.descend_pairs();
    else
      state.descend();
    if (options_.seconds > 0 || !range_.wide) return;
    const HopScale scale = hop_scale(state, draws);
    walk_minima(state, {scale.hot, scale.cold, kHopsPerUnit * model_.units}, draws, [this] { return open(); });
    state.descend_pairs();
  }

  // Warms the state up a part of the way, cools it, and takes over what is better.
  void anneal_again(int64_t number, int64_t sweeps, int64_t& sweep, LocalSearch& state, Sequence& draws) {
    const int64_t cycle = std::min(kCycleSweeps, std::max<int64_t>(20, sweeps / 30));
    std::vector<int8_t> spins(state.spins().begin(), state.spins().end());
    double energy = state.energy();
    for (int64_t k = 0; k * cycle < static_cast<int64_t>(kCyclesPerSweep * static_cast<double>(sweeps)); ++k) {
      if (!open()) break;
      // From where a few units move to where most do.
      const double part = 0.2 + 0.6 * draws.uniform();
      const double from = range_.wide ? range_.cold * std::pow(range_.hot / range_.cold, part)
                                      : range_.cold + part * (range_.hot - range_.cold);
      const Run again = sample(number, sweep, cooling({from, range_.cold, range_.wide}, cycle), spins);
      const bool better = again.best_energy[0] < energy;
      if (take_better_clusters(model_, spins, better ? again.best_of(0) : again.spins_of(0)) < -grain_) {
        energy = ising_energy(model_, spins);
        offer(spins, energy, number, kAnneal, "annealing");
      }
    }
    state.reset(spins);
    if (in_time())
      state.descend_pairs();
    else
      state.descend();
    offer(state.spins(), state.energy(), number, kAnneal, "annealing");
  }

  // The best of the blocks of all. Whether it is lower than before.
  bool take(LocalSearch& state, const std::vector<std::vector<int8_t>>& others, Sequence& draws) {
    const double before = state.energy();
    std::vector<int8_t> spins(state.spins().begin(), state.spins().end());
    recombine(model_, spins, others, draws, [this] { return in_time(); });
    int64_t turned = 0;
    for (int64_t i = 0; i < model_.units; ++i) turned += spins[i] != state.spins()[i];
    state.reset(spins);
    {
      const std::lock_guard lock(mutex_);
      result_.host_flips += static_cast<double>(turned);
    }
    state.descend();
    return state.energy() < before - grain_;
  }

  void recombine_with_elites(int64_t number, LocalSearch& state, Sequence& draws) {
    for (int64_t k = 0; recombines_ && k < kRecombinations && open(); ++k) {
      std::vector<std::vector<int8_t>> others;
      {
        const std::lock_guard lock(mutex_);
        others = elites_.some(merges_ ? 1 + draws.below(kMostParents) : 1, draws);
      }
      if (take(state, others, draws)) offer(state.spins(), state.energy(), number, kAnneal, "recombination");
    }
  }

  // Hops or tabu search for about so long, each from its start, a random state, an elite, or from what two elites agree
  // on.
  void walk_for(Way way, int64_t number, double length) {
    const double end = elapsed() + length;
    const auto go_on = [&] { return in_time() && elapsed() < end; };
    Sequence draws({options_.seed, stream::kPbitSwaps}, static_cast<uint64_t>(number));
    const std::span<const int8_t> start = start_of(options_, number);
    LocalSearch state(model_, start.empty() ? starting_state(number, draws) : std::vector(start.begin(), start.end()));
    do {
      state.descend();
      const double best = state.energy();
      if (way == kHops)
        hop_until(state, end, draws);
      else
        tabu(state, kTabuPerUnit * model_.units + 1000, draws, go_on);
      if (state.energy() < best + grain_) state.descend_pairs();
      offer(state.spins(), state.energy(), number, way, kWayNames[way]);
      const int64_t flips = state.flips();
      if (go_on()) state.reset(starting_state(number, draws));
      const std::lock_guard lock(mutex_);
      result_.host_flips += static_cast<double>(state.flips() - flips);
    } while (open() && go_on());
    const std::lock_guard lock(mutex_);
    result_.host_flips += static_cast<double>(state.flips());
  }

  // One walk from hot to cold in the time.
  void hop_until(LocalSearch& state, double end, Sequence& draws) {
    constexpr int64_t kFew = 512;  // to learn how fast hops are
    const HopScale scale = hop_scale(state, draws);
    const double start = elapsed();
    walk_minima(state, {scale.hot, 0.8 * scale.hot, kFew}, draws, [this] { return in_time(); });
    const double rate = kFew / std::max(1e-6, elapsed() - start);
    const auto hops = static_cast<int64_t>(std::max(0.0, end - elapsed()) * rate);
    walk_minima(state, {scale.hot, scale.cold, std::max(kFew, hops)}, draws,
                [&] { return in_time() && elapsed() < end; });
  }

  std::vector<int8_t> starting_state(int64_t number, Sequence& draws) {
    std::vector<int8_t> spins(model_.units);
    const auto fresh = static_cast<uint64_t>(draws.bits());
    fill_random_spins(seed_of_part(options_.seed, fresh), number, spins);
    const std::lock_guard lock(mutex_);
    if (elites_.size() < 4 || draws.uniform() < 0.3) return spins;
    const std::vector<int8_t> one = elites_.any(draws), two = elites_.any(draws);
    int64_t overlap = 0;
    for (size_t i = 0; i < one.size(); ++i) overlap += one[i] * two[i];
    const int8_t sign = mirrored_ && overlap < 0 ? -1 : 1;
    for (size_t i = 0; i < one.size(); ++i) {
      if (one[i] == sign * two[i]) spins[i] = one[i];
    }
    return spins;
  }

  const Pbits& pbits_;
  const IsingModel& model_;
  const SearchOptions& options_;
  const bool mirrored_;
  const double grain_;
  Range range_;
  bool recombines_ = false, latticed_ = false, favours_annealing_ = false;
  std::mutex mutex_;
  SearchResult result_;
  const bool merges_;
  Elites elites_;
  std::array<Record, kWays> ways_;
  std::map<int64_t, std::vector<int8_t>> held_;  // end states of runs at one temperature, by number
  std::map<int64_t, double> heat_of_run_;        // by number, so that the sum has one order
  double sweeps_per_s_ = 0;
};

// A state of the reduced model as one of the whole model; times and heat stay.
void expand(SearchResult& result, const IsingModel& whole, const Reduction& reduction) {
  const double reduced = result.energy;
  LocalSearch state(whole, reduction.expand(result.spins));
  state.descend();
  result.spins.assign(state.spins().begin(), state.spins().end());
  result.energy = ising_energy(whole, result.spins);
  for (auto& step : result.trace) step.cost += result.energy - reduced;
  result.host_flips += static_cast<double>(state.flips());
}

}  // namespace

FlipRule rule_of(const SearchOptions& options, const Range& range) {
  return options.rule.value_or(range.hot == range.cold ? FlipRule::gibbs : FlipRule::metropolis);
}

void require_starts(const SearchOptions& options, const IsingModel& model) {
  for (size_t k = 0; k < options.starts.size(); ++k) {
    const std::vector<int8_t>& start = options.starts[k];
    if (static_cast<int64_t>(start.size()) != model.units)
      throw InputError(fmt::format("start {} has {} units; the model has {}", k, start.size(), model.units));
    const auto other = std::ranges::find_if(start, [](int8_t m) { return m != 1 && m != -1; });
    if (other != start.end())
      throw InputError(fmt::format("start {} has {} as unit {}; +1 and -1 are allowed", k, static_cast<int>(*other),
                                   other - start.begin()));
  }
}

SearchResult search(const Pbits& pbits, const SearchOptions& options) {
  require_reciprocal(pbits.model(), "a search for the lowest energy needs");
  require_starts(options, pbits.model());
  require_cooling(options.hot, options.cold);
  SearchOptions inner = options;
  inner.start = Clock::now();
  const Reduction reduction(pbits.model());
  const bool smaller = reduction.units() < pbits.model().units;
  SearchResult result;
  if (reduction.units() > 0) {
    std::optional<Pbits> made;
    if (smaller) made.emplace(reduction.model());
    const Pbits& machine = smaller ? *made : pbits;
    if (smaller) {
      for (std::vector<int8_t>& start : inner.starts) start = reduction.project(start);
      // Energies of the reduced model are those of the whole one, less a constant.
      const std::vector<int8_t> any(reduction.units(), 1);
      const double constant = ising_energy(pbits.model(), reduction.expand(any)) - ising_energy(reduction.model(), any);
      if (inner.target) *inner.target -= constant;
      inner.progress = [&, constant](const Progress& at) {
        return tell(options.progress, {at.stage, at.done, at.total, at.figure + constant});
      };
    }
    result = options.method == Method::tempering ? temper(machine, inner) : Search(machine, inner).result();
  } else {
    result.best_by = "exact reduction";
    result.rule = rule_of(options, between(temperature_range(pbits.model()), options.hot, options.cold));
    result.trace.push_back({0, 0});
  }
  result.reduced_units = reduction.units();
  if (smaller) expand(result, pbits.model(), reduction);
  return result;
}

}  // namespace swell::ising
