#include "swell/engine/pbits/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/engine/pbits/layout.h"
#include "swell/engine/pbits/pbits.h"
#include "swell/engine/stretches.h"

namespace swell::pbits {

namespace {

constexpr int64_t kGrain = 256;  // after so many sweeps fields are made anew, so that a checkpoint changes no bit

class PbitMachine : public StretchMachine {
 public:
  PbitMachine(const System& system, const RunOptions& options)
      : system_(system),
        options_(options),
        units_(system.units()),
        spins_(options.trajectories * units_),
        flips_(options.trajectories, 0),
        held_(units_, 0) {
    start();
  }

  void set_control(const SegmentTimeline& timeline, int64_t step) override {
    pbits_ = &laid_out(timeline.couplings);
    const std::span<const Group> groups = system_.groups();
    const double* drive = timeline.drive.data() + step * static_cast<int64_t>(groups.size());
    any_held_ = std::ranges::any_of(timeline.clamped, [](char clamped) { return clamped != 0; });
    any_field_ = timeline.driven;
    // Lowest energies under another control do not compare.
    std::vector<double> control(drive, drive + groups.size());
    control.push_back(timeline.couplings);
    control.insert(control.end(), timeline.clamped.begin(), timeline.clamped.end());
    fresh_best_ = control != control_;
    if (fresh_best_ || any_held_) energy_.clear();
    control_ = std::move(control);
    if (any_field_) fields_.assign(spins_.size(), 0.0);
    for (size_t g = 0; g < groups.size(); ++g) {
      std::fill_n(held_.begin() + groups[g].first, groups[g].size, timeline.clamped[g]);
      for (int64_t t = 0; t < options_.trajectories; ++t) drive_group(groups[g], t, drive[g], timeline.clamped[g]);
    }
  }

  std::vector<double> energies() override {
    if (energy_.empty()) {
      energy_.resize(options_.trajectories);
      parallel_for(options_.trajectories, options_.threads,
                   [&](int64_t t) { energy_[t] = pbit_energy(pbits_->model(), spins_of(t), fields_of(t)); });
    }
    return energy_;
  }

  int64_t advance(const Stretch& stretch, const Look& look, const std::function<bool()>& go_on,
                  std::span<double> entropy) override {
    PbitOptions options;
    options.engine = options_.engine;
    options.update = options_.rule;
    options.noise = options_.noise;
    options.replicas = options_.trajectories;
    options.first_replica = options_.first_trajectory;
    options.first_sweep = options_.first_step + stretch.timeline.first_step + stretch.from;
    options.threads = options_.threads;
    options.isa = options_.isa;
    options.start = spins_;
    const std::vector<double> start_energy = energies();
    options.start_energy = start_energy;
    const auto beta = [](double kT) { return kT > 1 / kColdest ? 1 / kT : kColdest; };
    for (const double kT : options_.kT_of_trajectory) options.ladder.push_back(beta(kT));
    options.sweeps = stretch.to - stretch.from;
    for (int64_t k = stretch.from; options.ladder.empty() && k < stretch.to; ++k)
      options.beta.push_back(beta(stretch.timeline.kT[k]));
    const bool one_kT = std::ranges::adjacent_find(options.beta, std::ranges::not_equal_to()) == options.beta.end();
    // Bits know no energy on the way, and so no entropy where the temperature changes.
    if (!one_kT && options.replicas >= 8 && !any_held_ && !any_field_) options.coding = Coding::wide;
    // The bits of multi-spin coding are those of 32 replicas at once.
    if (draws_from_tape(options.noise))
      options.coding = options.replicas >= 8 && !any_held_ && !any_field_ ? Coding::wide : Coding::narrow;
    if (any_held_) options.held = held_;
    if (any_field_) options.extra_fields = fields_;
    const int64_t first = stretch.timeline.first_step + stretch.from;
    for (const int64_t step : stretch.looks) options.looks.push_back(step - first);
    options.go_on = go_on;
    options.look = [&](const PbitLook& seen) {
      const std::vector<double> x(seen.spins.begin(), seen.spins.end());
      look({first + seen.sweep, seen.replica, 1, x, {&seen.energy, 1}, {&seen.entropy, 1}});
    };
    PbitRun run = pbits_->sample(options);
    const auto [least, most] = std::ranges::minmax(run.sweeps_done);
    if (least != most) return 0;
    spins_ = std::move(run.spins);
    energy_ = std::move(run.energy);
    keep_best(run, fresh_best_);
    fresh_best_ = false;
    for (int64_t t = 0; t < options_.trajectories; ++t) {
      flips_[t] += run.flips[t];
      entropy[t] += run.entropy[t];
    }
    return least;
  }

  int64_t grain() const override { return kGrain; }

  void copy_state(int64_t trajectory, std::span<double> x) const override {
    std::ranges::copy(spins_of(trajectory), x.begin());
  }

  void save(Safetensors& file) const override {
    file.tensors["x"] = {
        {options_.trajectories, units_}, std::vector<double>(spins_.begin(), spins_.end()), Dtype::F32};
    file.tensors["flips"] = {{options_.trajectories}, std::vector<double>(flips_.begin(), flips_.end()), Dtype::F64};
    file.tensors["best_energy"] = {{static_cast<int64_t>(best_energy_.size())}, best_energy_, Dtype::F64};
    file.tensors["best_x"] = {{static_cast<int64_t>(best_spins_.size())},
                              std::vector<double>(best_spins_.begin(), best_spins_.end()),
                              Dtype::F32};
    file.tensors["control"] = {{static_cast<int64_t>(control_.size())}, control_, Dtype::F64};
  }
  void load(const Safetensors& file, const std::string& name) override {
    const auto take_spins = [&](const char* tensor, std::vector<int8_t>& spins) {
      spins.resize(options_.trajectories * units_);
      std::ranges::transform(stored(file, tensor, spins.size(), name), spins.begin(),
                             [](double value) { return value > 0 ? 1 : -1; });
    };
    take_spins("x", spins_);
    std::ranges::transform(stored(file, "flips", flips_.size(), name), flips_.begin(),
                           [](double value) { return static_cast<int64_t>(value); });
    const auto lowest = file.tensors.find("best_energy");
    if (lowest == file.tensors.end() || lowest->second.values.empty()) return;  // from before the first sweep
    best_energy_ = stored(file, "best_energy", flips_.size(), name);
    take_spins("best_x", best_spins_);
    control_ = stored(file, "control", 2 * system_.groups().size() + 1, name);
  }
  void leave(Run& result) const override {
    result.spins = spins_;
    result.flips = flips_;
    result.best_energy = best_energy_;
    result.best_spins = best_spins_;
  }

 private:
  static constexpr double kColdest = 1e30;  // 1 / kT

  std::span<const int8_t> spins_of(int64_t t) const {
    return {spins_.data() + t * units_, static_cast<size_t>(units_)};
  }
  std::span<const double> fields_of(int64_t t) const {
    if (!any_field_) return {};
    return {fields_.data() + t * units_, static_cast<size_t>(units_)};
  }

  void start() {
    if (!options_.start_spins.empty()) {
      for (size_t k = 0; k < spins_.size(); ++k) spins_[k] = spin(options_.start_spins[k], "start");
      return;
    }
    if (options_.start.empty()) {
      parallel_for(options_.trajectories, options_.threads, [&](int64_t t) {
        fill_random_spins(options_.noise.seed, options_.first_trajectory + t,
                          {spins_.data() + t * units_, static_cast<size_t>(units_)});
      });
      return;
    }
    for (size_t k = 0; k < spins_.size(); ++k) spins_[k] = spin(options_.start[k], "start");
  }

  // The lowest states since the control changed; of runs that do not look for them, the last ones.
  void keep_best(PbitRun& run, bool fresh) {
    const bool looked = run.coding == Coding::narrow && options_.engine == EngineKind::cpu;
    if (fresh || !looked || best_energy_.empty()) {
      best_energy_ = std::move(run.best_energy);
      best_spins_ = std::move(run.best_spins);
      return;
    }
    for (int64_t t = 0; t < options_.trajectories; ++t) {
      if (run.best_energy[t] >= best_energy_[t]) continue;
      best_energy_[t] = run.best_energy[t];
      std::ranges::copy(run.best_of(t), best_spins_.begin() + t * units_);
    }
  }

  static int8_t spin(double value, const char* what) {
    if (value != 1 && value != -1)
      throw InputError(fmt::format("a {} of p-bits has the value {}; allowed are 1 and -1", what, value));
    return value > 0 ? 1 : -1;
  }

  // Clamped p-bits take the pattern's values, which must be 1 or -1.
  void drive_group(const Group& group, int64_t t, double amplitude, bool clamped) {
    if (!clamped && (!any_field_ || amplitude == 0)) return;
    const std::span<const double> pattern = pattern_of(options_, units_, t, group);
    for (int64_t i = group.first; i < group.first + group.size; ++i) {
      if (any_field_) fields_[t * units_ + i] = amplitude * pattern[i];
      if (clamped) spins_[t * units_ + i] = spin(pattern[i], "pattern");
    }
  }

  const Pbits& laid_out(int couplings) {
    if (const auto* prepared = dynamic_cast<const Pbits*>(system_.prepared()); prepared && couplings == 0)
      return *prepared;
    auto& made = made_[couplings];
    if (!made) {
      made = std::make_unique<Pbits>(couplings == kNoCouplings ? make_ising(units_, {}) : system_.models()[couplings]);
    }
    return *made;
  }

  const System& system_;
  const RunOptions& options_;
  const int64_t units_;
  const Pbits* pbits_ = nullptr;  // of the couplings in force
  std::map<int, std::unique_ptr<Pbits>> made_;
  std::vector<int8_t> spins_;        // [trajectories][units]
  std::vector<int64_t> flips_;       // [trajectories]
  std::vector<char> held_;           // [units]
  std::vector<double> fields_;       // [trajectories][units] of the drive
  std::vector<double> best_energy_;  // [trajectories]
  std::vector<int8_t> best_spins_;   // [trajectories][units]
  std::vector<double> energy_;       // [trajectories] under the control in force; empty where not known
  std::vector<double> control_;      // drives, couplings and clamps in force
  bool any_held_ = false, any_field_ = false, fresh_best_ = true;
};

double updates(const System& system) { return static_cast<double>(system.units()); }

}  // namespace

Run run(const System& system, const Protocol& protocol, const RunOptions& options) {
  PbitMachine machine(system, options);
  return run_in_stretches(system, protocol, options, machine, updates(system));
}

void plan(const System& system, const Protocol& protocol, const RunOptions& options, MemoryPlan& plan) {
  const double units = updates(system), states = static_cast<double>(options.trajectories) * units;
  plan.parts.push_back({"trajectories under way", 3 * states, "fewer trajectories at once"});
  double layouts = 0;
  for (const IsingModel& model : system.models()) {
    constexpr double kEntry = sizeof(pbits::Bond) + 2 * sizeof(double);
    layouts += units * 128 + static_cast<double>(model.neighbour.size()) * kEntry;
  }
  plan.parts.push_back({"couplings", system.prepared() ? 0 : layouts, "fewer units"});
  for (const Segment& segment : protocol.segments) {
    if (std::ranges::all_of(segment.drive, [](const Schedule& drive) { return drive.is_zero(); })) continue;
    plan.parts.push_back({"drives", states * sizeof(double), "fewer trajectories at once"});
    break;
  }
  if (!options.checkpoint.path.empty())
    plan.parts.push_back({"checkpoint", 3 * states * sizeof(double), "fewer trajectories at once"});
}

}  // namespace swell::pbits
