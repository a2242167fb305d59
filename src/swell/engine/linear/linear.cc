#include "swell/engine/linear/linear.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/engine/linear/forces.h"
#include "swell/engine/linear/transition.h"
#include "swell/engine/stretches.h"

namespace swell::linear {

namespace {

constexpr int64_t kTile = 16;             // trajectories that one thread advances together
constexpr int64_t kStepsPerBook = 64;     // that share one reading of the energy
constexpr int64_t kStepsPerCheck = 64;    // whether states are finite
constexpr double kWorkPerQuestion = 1e7;  // in units of step_work(), between two questions whether to go on

// What steps of one length need under one control: the transition at kT = 1, and how a force on z shifts a step.
struct Steps {
  const Transition* transition = nullptr;
  std::unique_ptr<Transition> own;  // where it was not made beforehand
  Matrix push_transposed;           // [m][m]; empty where nothing is driven
};

double step_work(const System& system) {
  const auto m = static_cast<double>(system.units());
  return m * m + 50 * m;
}

class LinearMachine : public StretchMachine {
 public:
  LinearMachine(const System& system, const RunOptions& options)
      : system_(system), options_(options), m_(system.units()), z_(options.start.begin(), options.start.end()) {
    if (z_.empty()) z_.assign(options.trajectories * m_, 0.0);
    turns_ = options.turns;
    if (turns_.empty()) turns_ = {{options.dt, 1}};
    for (const Turn& turn : turns_) round_ += turn.steps;
    prepared_ = dynamic_cast<const PreparedTransitions*>(system.prepared());
    known_ = options.books;
    for (const LinearSystem& one : system.linear()) {
      if (!prepared_) validate(one, "run");
      if (!options.books) continue;
      forces_.emplace_back(one);
      known_ = known_ && forces_.back().known() && forces_.back().conservative();
    }
  }

  void set_control(const SegmentTimeline& timeline, int64_t step) override {
    couplings_ = timeline.couplings;
    const std::span<const Group> groups = system_.groups();
    const double* drive = timeline.drive.data() + step * static_cast<int64_t>(groups.size());
    driven_ = timeline.driven;
    if (driven_) pull_.assign(z_.size(), 0.0);
    for (size_t g = 0; g < groups.size(); ++g) {
      for (int64_t t = 0; t < options_.trajectories; ++t) drive_group(groups[g], t, drive[g], timeline.clamped[g]);
    }
    steps_ = &steps_for(timeline.clamped);
  }

  std::vector<double> energies() override {
    std::vector<double> energy(options_.trajectories, 0.0);
    if (!known_) return energy;
    parallel_for(options_.trajectories, options_.threads,
                 [&](int64_t t) { energy[t] = energy_of(t, z_.data() + t * m_); });
    return energy;
  }

  int64_t advance(const Stretch& stretch, const Look& look, const std::function<bool()>& go_on,
                  std::span<double> entropy) override {
    const std::vector<double> before = z_;
    std::atomic<bool> whole{true};
    std::mutex asking;
    const int64_t most = options_.tile > 0 ? options_.tile : kTile;
    const int64_t tiles = (options_.trajectories + most - 1) / most;
    parallel_for(tiles, options_.threads, [&](int64_t tile) {
      const auto ask = [&] {
        const std::lock_guard lock(asking);
        if (whole && !go_on()) whole = false;
        return whole.load();
      };
      const int64_t first = tile * most;
      advance_tile(stretch, first, std::min(most, options_.trajectories - first), look, ask, entropy);
    });
    if (whole) return stretch.to - stretch.from;
    z_ = before;
    return 0;
  }

  int64_t grain() const override { return 1; }

  void copy_state(int64_t trajectory, std::span<double> x) const override {
    std::copy_n(z_.begin() + trajectory * m_, m_, x.begin());
  }
  void save(Safetensors& file) const override { file.tensors["x"] = {{options_.trajectories, m_}, z_, Dtype::F64}; }
  void load(const Safetensors& file, const std::string& name) override { z_ = stored(file, "x", z_.size(), name); }
  void leave(Run& result) const override {
    result.states = z_;
    result.books_known = known_;
    int64_t products = 0;  // of a round
    for (size_t turn = 0; turn < turns_.size(); ++turn)
      products += ((*steps_)[turn].transition->G_diagonal.empty() ? 2 : 1) * turns_[turn].steps;
    result.multiply_adds = products * result.steps / round_ * m_ * m_ * result.trajectories;
  }

 private:
  double energy_of(int64_t t, const double* z) const {
    if (!known_) return 0;
    return forces_[couplings_].potential(z, pull_of(t));
  }
  // D^-1 f: how the drive enters the potential, whose force at kT = 1 is D^-1 (c + f - M z).
  std::span<const double> pull_of(int64_t t) const {
    if (!driven_) return {};
    return {scaled_pull_.data() + t * m_, static_cast<size_t>(m_)};
  }

  // Which turn a step of a segment belongs to, and the first step after it.
  std::pair<size_t, int64_t> turn_of(int64_t step) const {
    if (turns_.size() == 1) return {0, INT64_MAX};
    int64_t end = step - step % round_;
    size_t turn = 0;
    while (end + turns_[turn].steps <= step) end += turns_[turn++].steps;
    return {turn, end + turns_[turn].steps};
  }

  void advance_tile(const Stretch& stretch, int64_t first, int64_t count, const Look& look,
                    const std::function<bool()>& go_on, std::span<double> entropy) {
    const int64_t begin = stretch.timeline.first_step + stretch.from;
    Replicas replicas(m_, options_.noise, options_.first_trajectory + first, count, options_.first_step + begin);
    std::copy_n(z_.begin() + first * m_, count * m_, replicas.states().begin());
    std::vector<std::vector<double>> shift(turns_.size());
    for (size_t turn = 0; driven_ && turn < turns_.size(); ++turn) shift[turn] = shifts(first, count, turn);
    std::vector<double> energy(count, 0.0), produced(count, 0.0);
    for (int64_t t = 0; known_ && t < count; ++t) energy[t] = energy_of(first + t, replicas.states().data() + t * m_);
    const auto steps_per_question =
        static_cast<int64_t>(std::max(1.0, kWorkPerQuestion / (static_cast<double>(count) * step_work(system_))));
    int64_t question = stretch.from, checked = stretch.from;
    size_t seen = 0;
    for (int64_t k = stretch.from; k < stretch.to;) {
      if (k >= question) {
        if (!go_on()) return;
        question = k + steps_per_question;
      }
      const auto [turn, end_of_turn] = turn_of(k);
      int64_t to = std::min({stretch.to, question, end_of_turn});
      if (known_) to = std::min(to, k + kStepsPerBook);
      if (seen < stretch.looks.size()) to = std::min(to, stretch.looks[seen] - stretch.timeline.first_step);
      const double kT = stretch.timeline.kT[k];
      for (int64_t next = k + 1; next < to; ++next) {
        if (stretch.timeline.kT[next] != kT) to = next;
      }
      replicas.advance(*(*steps_)[turn].transition, to - k, std::sqrt(kT), shift[turn]);
      k = to;
      // What is no number stays none.
      if (k == stretch.to || k >= checked + kStepsPerCheck) {
        check(replicas.states(), first, stretch.timeline.first_step + k);
        checked = k;
      }
      if (known_) book(replicas.states(), first, kT, energy, produced);
      if (seen == stretch.looks.size() || stretch.looks[seen] != stretch.timeline.first_step + k) continue;
      look({stretch.looks[seen], first, count, replicas.states(), energy, produced});
      ++seen;
    }
    std::copy_n(replicas.states().begin(), count * m_, z_.begin() + first * m_);
    for (int64_t t = 0; t < count; ++t) entropy[first + t] += produced[t];
  }

  // Of steps at one kT: what the energy lost went to the bath.
  void book(const std::vector<double>& states, int64_t first, double kT, std::span<double> energy,
            std::span<double> produced) const {
    for (size_t t = 0; t < energy.size(); ++t) {
      const auto number = static_cast<int64_t>(t);
      const double now = energy_of(first + number, states.data() + number * m_);
      if (kT > 0) produced[t] += (energy[t] - now) / kT;
      energy[t] = now;
    }
  }

  void check(const std::vector<double>& states, int64_t first, int64_t step) const {
    for (size_t k = 0; k < states.size(); ++k) {
      if (std::isfinite(states[k])) continue;
      const auto number = static_cast<int64_t>(k);
      throw Diverged(options_.first_trajectory + first + number / m_, step - 1, number % m_,
                     turns_[turn_of(step - 1).first].dt);
    }
  }

  std::vector<double> shifts(int64_t first, int64_t count, size_t turn) const {
    std::vector<double> shift(count * m_, 0.0);
    for (int64_t t = 0; t < count; ++t) {
      for (int64_t j = 0; j < m_; ++j) {
        const double force = pull_[(first + t) * m_ + j];
        if (force == 0) continue;
        for (int64_t i = 0; i < m_; ++i) shift[t * m_ + i] += force * (*steps_)[turn].push_transposed(j, i);
      }
    }
    return shift;
  }

  void drive_group(const Group& group, int64_t t, double amplitude, bool clamped) {
    if (!clamped && (!driven_ || amplitude == 0)) return;
    const std::span<const double> pattern = pattern_of(options_, m_, t, group);
    for (int64_t i = group.first; i < group.first + group.size; ++i) {
      if (driven_) pull_[t * m_ + i] = amplitude * pattern[i];
      if (clamped) z_[t * m_ + i] = pattern[i];
    }
  }

  // A clamped quantity has neither drift nor noise of its own.
  LinearSystem held(const std::vector<char>& clamped) const {
    LinearSystem system = system_.linear()[couplings_];
    const std::span<const Group> groups = system_.groups();
    for (size_t g = 0; g < groups.size(); ++g) {
      if (!clamped[g]) continue;
      for (int64_t i = groups[g].first; i < groups[g].first + groups[g].size; ++i) {
        system.c[i] = 0;
        for (int64_t j = 0; j < m_; ++j) system.drift(i, j) = system.noise(i, j) = system.noise(j, i) = 0;
      }
    }
    return system;
  }

  const std::vector<Steps>& steps_for(const std::vector<char>& clamped) {
    if (driven_) scale_pull();
    auto& all = made_[{couplings_, clamped}];
    if (all.empty()) all.resize(turns_.size());
    for (size_t turn = 0; turn < turns_.size(); ++turn) {
      Steps& steps = all[turn];
      const double dt = turns_[turn].dt;
      if (!steps.transition) steps.transition = find_prepared(dt, clamped);
      if (!steps.transition) {
        steps.own =
            std::make_unique<Transition>(make_transition(held(clamped), options_.integrator, dt, options_.threads));
        steps.transition = steps.own.get();
      }
      if (driven_ && steps.push_transposed.values.empty()) steps.push_transposed = push(held(clamped), clamped, dt);
    }
    return all;
  }

  const Transition* find_prepared(double dt, const std::vector<char>& clamped) const {
    if (!prepared_ || prepared_->how != options_.integrator || couplings_ != 0) return nullptr;
    if (std::ranges::any_of(clamped, [](char held) { return held != 0; })) return nullptr;
    const auto found = std::ranges::find(prepared_->steps, dt, [](const Transition* step) { return step->h; });
    return found == prepared_->steps.end() ? nullptr : *found;
  }

  // How a force f, constant over a step, shifts z: that of z beside f in one linear system, df = 0.
  Matrix push(const LinearSystem& system, const std::vector<char>& clamped, double dt) const {
    Matrix result(m_, m_);
    LinearSystem both{Matrix(2 * m_, 2 * m_), std::vector<double>(2 * m_, 0.0), Matrix(2 * m_, 2 * m_)};
    const std::span<const Group> groups = system_.groups();
    for (int64_t i = 0; i < m_; ++i) {
      for (int64_t j = 0; j < m_; ++j) both.drift(i, j) = system.drift(i, j);
      both.drift(i, m_ + i) = -1;
    }
    for (size_t g = 0; g < groups.size(); ++g) {
      for (int64_t i = groups[g].first; clamped[g] && i < groups[g].first + groups[g].size; ++i)
        both.drift(i, m_ + i) = 0;
    }
    const Transition step = make_transition(both, options_.integrator, dt, options_.threads);
    for (int64_t j = 0; j < m_; ++j) {
      for (int64_t i = 0; i < m_; ++i) result(j, i) = step.F_transposed(m_ + j, i);
    }
    return result;
  }

  // The drive as it enters the potential: D^-1 f.
  void scale_pull() {
    scaled_pull_ = pull_;
    if (!known_) return;
    for (int64_t t = 0; t < options_.trajectories; ++t)
      forces_[couplings_].to_force({scaled_pull_.data() + t * m_, static_cast<size_t>(m_)});
  }

  const System& system_;
  const RunOptions& options_;
  const int64_t m_;
  std::vector<double> z_;     // [trajectories][m]
  std::vector<double> pull_;  // [trajectories][m] force of the drive
  std::vector<double> scaled_pull_;
  std::vector<Forces> forces_;                                            // [sets]
  std::map<std::pair<int, std::vector<char>>, std::vector<Steps>> made_;  // [turns]
  const std::vector<Steps>* steps_ = nullptr;
  const PreparedTransitions* prepared_ = nullptr;
  std::vector<Turn> turns_;  // one of a single step where all have one length
  int64_t round_ = 0;        // steps of all turns
  int couplings_ = 0;
  bool known_ = true, driven_ = false;
};

}  // namespace

Run run(const System& system, const Protocol& protocol, const RunOptions& options) {
  LinearMachine machine(system, options);
  return run_in_stretches(system, protocol, options, machine, step_work(system));
}

void plan(const System& system, const Protocol&, const RunOptions& options, MemoryPlan& plan) {
  const auto m = static_cast<double>(system.units()), trajectories = static_cast<double>(options.trajectories);
  plan.parts.push_back({"trajectories under way", 5 * trajectories * m * sizeof(double), "fewer trajectories at once"});
  const double made_here = system.prepared() ? 0 : static_cast<double>(system.sets());
  plan.parts.push_back({"transitions", made_here * 12 * m * m * sizeof(double), "fewer units"});
  if (!options.checkpoint.path.empty())
    plan.parts.push_back({"checkpoint", 3 * trajectories * m * sizeof(double), "fewer trajectories at once"});
}

}  // namespace swell::linear
