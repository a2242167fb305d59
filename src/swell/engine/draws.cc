#include "swell/engine/draws.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "swell/base/errors.h"
#include "swell/engine/pbits/pbits.h"
#include "swell/engine/timeline.h"

namespace swell {

namespace {

constexpr auto kPatience = std::chrono::milliseconds(100);  // between two questions whether to go on

struct Shape {
  uint64_t trajectories = 0, steps = 0, blocks = 0;
  uint64_t bytes() const { return trajectories * steps * blocks * sizeof(Words4); }
};

int64_t blocks_of(const System& system) {
  if (system.kind() != System::Kind::pbits) return (system.units() + kNormalsPerBlock - 1) / kNormalsPerBlock;
  if (const auto* prepared = dynamic_cast<const Pbits*>(system.prepared())) return prepared->draw_blocks();
  int64_t blocks = Pbits(make_ising(system.units(), {})).draw_blocks();
  for (const IsingModel& model : system.models()) blocks = std::max(blocks, Pbits(model).draw_blocks());
  return blocks;
}

Shape shape_of(const System& system, const Protocol& protocol, const RunOptions& options) {
  const bool averaged = system.kind() != System::Kind::pbits && options.integrator == Integrator::leimkuhler_matthews;
  const int64_t steps = count_steps(protocol, step_length(system, options)) + (averaged ? 1 : 0);
  return {static_cast<uint64_t>(options.trajectories), static_cast<uint64_t>(steps),
          static_cast<uint64_t>(blocks_of(system))};
}

uint64_t key_count(const Shape& shape, int shift) { return (shape.steps >> shift) + 1; }

bool wait_for(Entropy& source, uint64_t end, const std::function<bool()>& go_on) {
  while (!source.wait_for(end, kPatience)) {
    if (source.is_lost(end) || (go_on && !go_on())) return false;
  }
  return true;
}

}  // namespace

double bytes_of_draws(const System& system, const Protocol& protocol, const RunOptions& options) {
  if (!options.noise.entropy) return 0;
  const Shape shape = shape_of(system, protocol, options);
  if (options.noise.entropy->use == Entropy::Use::all) return static_cast<double>(shape.bytes());
  return static_cast<double>(key_count(shape, options.noise.entropy->steps_per_key_log2) * sizeof(uint64_t));
}

RunDraws::RunDraws(const System& system, const Protocol& protocol, const RunOptions& options)
    : source_(*options.noise.entropy) {
  const Shape shape = shape_of(system, protocol, options);
  tape_.first_step = static_cast<uint64_t>(options.first_step);
  if (source_.use == Entropy::Use::keys) {
    tape_.key_shift = source_.steps_per_key_log2;
    tape_.key_count = key_count(shape, tape_.key_shift);
    count_ = tape_.key_count * sizeof(uint64_t);
  } else {
    tape_.first_trajectory = static_cast<uint64_t>(options.first_trajectory);
    tape_.trajectories = shape.trajectories;
    tape_.steps = shape.steps;
    tape_.blocks = shape.blocks;
    count_ = shape.bytes();
  }
  place_ = source_.claim(count_);
  source_.require(place_ + count_, fmt::format("a run of {} trajectories, {} steps and {} units", shape.trajectories,
                                               shape.steps, system.units()));
  if (source_.use == Entropy::Use::keys) return;
  tape_.place = place_;
  tape_.words = reinterpret_cast<const Words4*>(source_.bytes(place_, count_));
}

void RunDraws::wait(bool all, const std::function<bool()>& go_on) {
  const bool keys = source_.use == Entropy::Use::keys;
  if (!keys && !all) return;
  if (!swell::wait_for(source_, place_ + count_, go_on))
    throw Interrupted("the run was interrupted while it waited for its random bits; nothing of it was kept");
  if (!keys) return;
  keys_.resize(tape_.key_count);
  std::memcpy(keys_.data(), source_.bytes(place_, count_), count_);
  tape_.keys = keys_.data();
}

bool wait_for_draws(const NoiseKey& noise, int64_t first, int64_t count, const std::function<bool()>& go_on) {
  if (!noise.entropy || !draws_from_tape(noise)) return true;
  const uint64_t row = noise.tape->steps * noise.tape->blocks * sizeof(Words4);
  return wait_for(*noise.entropy, noise.tape->place + static_cast<uint64_t>(first + count) * row, go_on);
}

}  // namespace swell
