#include "swell/learn/relaxation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/engine/timeline.h"
#include "swell/physics/langevin.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kLine = 16;  // rows of states begin at a multiple of so many floats

void check(const Design& design, const Protocol& protocol) {
  const auto refuse = [&](const std::string& what) {
    throw InputError(fmt::format("design '{}', protocol '{}': {}", design.name, protocol.name, what));
  };
  if (protocol.segments.size() != 1)
    refuse(fmt::format("it has {} segments; a machine that answers needs exactly one", protocol.segments.size()));
  const Segment& segment = protocol.segments[0];
  if (segment.couplings == kNoCouplings) refuse("its segment has no couplings; a machine that answers needs some");
  if (std::find(segment.clamped.begin(), segment.clamped.end(), 1) == segment.clamped.end())
    refuse("no group is clamped; the question needs one");
  for (const Schedule& drive : segment.drive) {
    if (!drive.is_zero()) refuse("its segment has a drive; training through the dynamics takes none");
  }
  for (const auto& knot : segment.kT.knots) {
    if (knot.value != segment.kT.knots[0].value)
      refuse("kT changes in time; training through the dynamics needs it constant");
  }
  if (design.integrator != Integrator::euler_maruyama)
    refuse("the integrator is not euler-maruyama, which training through the dynamics needs");
  for (const CouplingBlock& block : design.computer.sets[segment.couplings].blocks) {
    if (std::holds_alternative<SparseWeights>(block.weights))
      refuse("it has sparse couplings; training through the dynamics takes dense ones");
  }
}

}  // namespace

// One thread's states and derivatives, all [rows][stride].
struct Relaxation::Tile {
  Tile(int64_t rows, int64_t stride) : size(rows * stride) {
    for (auto* values : {&force, &field, &normals}) values->assign(size, 0.0f);
  }
  int64_t size;
  std::vector<float> force;  // of inputs and biases, constant in time
  std::vector<float> field;  // force + J x
  std::vector<float> normals;
};

Relaxation::Relaxation(const Design& design, const Protocol& protocol, int output_group) {
  check(design, protocol);
  const Computer& computer = design.computer;
  const Segment& segment = protocol.segments[0];
  dt_ = design.dt;
  steps_ = count_steps(segment, dt_);
  kT_ = temperature(segment, computer)(0);
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    const Group& group = computer.groups[g];
    if (!segment.clamped[g]) {
      if (static_cast<int>(g) == output_group) output_first_ = free_units();
      stretches_.emplace_back(group.first, group.size);
    }
    for (int64_t i = group.first; i < group.first + group.size; ++i)
      (segment.clamped[g] ? input_units_ : free_units_).push_back(i);
  }
  outputs_ = computer.groups[output_group].size;
  if (segment.clamped[output_group])
    throw InputError(fmt::format("group '{}' is read as the answer and clamped as the question; it can be one of them",
                                 computer.groups[output_group].name));
  stride_ = (free_units() + kLine - 1) / kLine * kLine;
  for (auto* values : {&J2_, &J3_, &J4_, &mobility_dt_, &noise_scale_}) values->assign(stride_, 0.0f);
  for (int64_t i = 0; i < free_units(); ++i) {
    const int64_t unit = free_units_[i];
    J2_[i] = static_cast<float>(computer.J2[unit]);
    J3_[i] = static_cast<float>(computer.J3[unit]);
    J4_[i] = static_cast<float>(computer.J4[unit]);
    mobility_dt_[i] = static_cast<float>(computer.mobility[unit] * dt_);
    noise_scale_[i] = static_cast<float>(noise_amplitude(computer.mobility[unit], kT_, dt_));
  }
  shape_.groups = computer.groups;
  shape_.J2 = computer.J2;  // says how many units there are
  find_places(computer, computer.sets[segment.couplings]);
}

// Which couplings and biases the design has, each pair once.
void Relaxation::find_places(const Computer& computer, const CouplingSet& set) {
  std::vector<int32_t> number(computer.units(), 0);
  std::vector<char> clamped(computer.units(), 0);
  for (size_t k = 0; k < input_units_.size(); ++k) {
    number[input_units_[k]] = static_cast<int32_t>(k);
    clamped[input_units_[k]] = 1;
  }
  for (size_t k = 0; k < free_units_.size(); ++k) number[free_units_[k]] = static_cast<int32_t>(k);
  for (const CouplingBlock& block : set.blocks) {
    const Group &rows = computer.groups[block.row_group], &columns = computer.groups[block.column_group];
    for (int64_t i = rows.first; i < rows.first + rows.size; ++i) {
      for (int64_t j = columns.first; j < columns.first + columns.size; ++j) {
        if ((block.row_group == block.column_group && j <= i) || (clamped[i] && clamped[j])) continue;
        if (clamped[i] || clamped[j]) {
          places_.push_back({Kind::input, clamped[i] ? number[i] : number[j], clamped[i] ? number[j] : number[i]});
        } else {
          places_.push_back({Kind::inner, std::min(number[i], number[j]), std::max(number[i], number[j])});
        }
      }
    }
  }
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    const Group& group = computer.groups[g];
    for (int64_t i = group.first; set.biased[g] && i < group.first + group.size; ++i) {
      if (!clamped[i]) places_.push_back({Kind::bias, 0, number[i]});
    }
  }
}

std::vector<float> Relaxation::read(const CouplingSet& set) const {
  const std::vector<double> J = dense_matrix(shape_, set);
  const int64_t n = shape_.units();
  std::vector<float> parameters;
  parameters.reserve(places_.size());
  for (const Place& place : places_) {
    const int64_t unit = free_units_[place.column];
    if (place.kind == Kind::bias) {
      parameters.push_back(static_cast<float>(set.bias[unit]));
    } else {
      const int64_t other = place.kind == Kind::input ? input_units_[place.row] : free_units_[place.row];
      parameters.push_back(static_cast<float>(J[other * n + unit]));
    }
  }
  return parameters;
}

void Relaxation::write(std::span<const float> parameters, CouplingSet& set) const {
  const int64_t n = shape_.units();
  std::vector<double> J = dense_matrix(shape_, set);
  for (size_t k = 0; k < places_.size(); ++k) {
    const Place& place = places_[k];
    const int64_t unit = free_units_[place.column];
    const double value = parameters[k];
    if (place.kind == Kind::bias) {
      set.bias[unit] = value;
    } else {
      const int64_t other = place.kind == Kind::input ? input_units_[place.row] : free_units_[place.row];
      J[other * n + unit] = J[unit * n + other] = value;
    }
  }
  assign_from_dense(shape_, J, set);
}

std::vector<float> Relaxation::draw(double spread, uint64_t seed) const {
  const double input = spread / std::sqrt(static_cast<double>(inputs()));
  const double inner = 0.1 * spread / std::sqrt(static_cast<double>(free_units()));
  std::vector<float> parameters(places_.size(), 0.0f);
  for (size_t k = 0; k < places_.size(); ++k) {
    const double scale = places_[k].kind == Kind::input ? input : places_[k].kind == Kind::inner ? inner : 0.0;
    parameters[k] = static_cast<float>(scale * static_cast<double>(draw_normal({seed, stream::kInitial}, 0, 0, k)));
  }
  return parameters;
}

Relaxation::Matrices Relaxation::expand(std::span<const float> parameters) const {
  Matrices matrices{std::vector<float>(inputs() * stride_, 0.0f), std::vector<float>(free_units() * stride_, 0.0f),
                    std::vector<float>(stride_, 0.0f)};
  for (size_t k = 0; k < places_.size(); ++k) {
    const Place& place = places_[k];
    if (place.kind == Kind::input) {
      matrices.input[place.row * stride_ + place.column] = parameters[k];
    } else if (place.kind == Kind::inner) {
      matrices.inner[place.row * stride_ + place.column] = matrices.inner[place.column * stride_ + place.row] =
          parameters[k];
    } else {
      matrices.bias[place.column] = parameters[k];
    }
  }
  return matrices;
}

RowUnits Relaxation::units() const {
  return {stride_, J2_.data(), J3_.data(), J4_.data(), mobility_dt_.data(), noise_scale_.data()};
}

void Relaxation::fields(const Matrices& matrices, const Batch& batch, int64_t first, int64_t rows, Tile& tile) const {
  if (batch.halted && batch.halted()) throw Interrupted("training was interrupted");
  for (int64_t row = 0; row < rows; ++row)
    std::copy(matrices.bias.begin(), matrices.bias.end(), tile.force.begin() + row * stride_);
  add_product_f32(rows, stride_, inputs(), batch.inputs + first * inputs(), inputs(), matrices.input.data(), stride_,
                  tile.force.data(), stride_);
}

void Relaxation::advance(const Matrices& matrices, const Batch& batch, int64_t first, int64_t rows, int64_t step,
                         Tile& tile, const float* x, float* next) const {
  std::copy(tile.force.begin(), tile.force.end(), tile.field.begin());
  add_product_f32(rows, stride_, free_units(), x, stride_, matrices.inner.data(), stride_, tile.field.data(), stride_);
  if (kT_ > 0) {
    int64_t at = 0;
    for (const auto& [unit, count] : stretches_) {
      draw_rows(batch.noise, batch.first_trajectory + static_cast<uint64_t>(first), rows, static_cast<uint64_t>(step),
                unit, count, stride_, tile.normals.data() + at);
      at += count;
    }
  }
  advance_rows(units(), rows, stride_, tile.field.data(), kT_ > 0 ? tile.normals.data() : nullptr, x, next);
}

std::vector<float> Relaxation::answer(std::span<const float> parameters, const Batch& batch, int threads) const {
  const Matrices matrices = expand(parameters);
  std::vector<float> result(batch.rows * outputs_);
  parallel_for((batch.rows + kTileRows - 1) / kTileRows, threads, [&](int64_t number) {
    const int64_t first = number * kTileRows, rows = std::min(kTileRows, batch.rows - first);
    Tile tile(rows, stride_);
    fields(matrices, batch, first, rows, tile);
    std::vector<float> x(tile.size, 0.0f);
    for (int64_t step = 0; step < steps_; ++step) advance(matrices, batch, first, rows, step, tile, x.data(), x.data());
    for (int64_t row = 0; row < rows; ++row)
      std::copy_n(x.begin() + row * stride_ + output_first_, outputs_, result.begin() + (first + row) * outputs_);
  });
  return result;
}

double Relaxation::mean_loss(const std::vector<float>& answers, const Loss& loss) const {
  const int64_t rows = static_cast<int64_t>(answers.size()) / outputs_;
  return loss(0, rows, answers.data(), nullptr) / static_cast<double>(rows);
}

double Relaxation::loss_and_gradient(std::span<const float> parameters, const Batch& batch, const Loss& loss,
                                     int threads, std::vector<float>& gradient) const {
  const Matrices matrices = expand(parameters);
  const int64_t tiles = (batch.rows + kTileRows - 1) / kTileRows, n = free_units();
  const auto stretch = std::max<int64_t>(8, std::lround(std::sqrt(static_cast<double>(steps_))));
  std::vector<double> losses(tiles, 0.0);
  std::vector<float> by_force(batch.rows * stride_, 0.0f);  // derivative by the force on each unit of each row
  std::vector<std::vector<float>> by_inner(tiles);
  parallel_for(tiles, threads, [&](int64_t number) {
    const int64_t first = number * kTileRows, rows = std::min(kTileRows, batch.rows - first);
    Tile tile(rows, stride_);
    fields(matrices, batch, first, rows, tile);
    // Forward, keeping the state before each stretch.
    const int64_t stretches = (steps_ + stretch - 1) / stretch;
    std::vector<float> kept(stretches * tile.size), path((stretch + 1) * tile.size), slope(tile.size, 0.0f),
        weighted(tile.size), coupled(tile.size);
    std::vector<float> x(tile.size, 0.0f);
    for (int64_t step = 0; step < steps_; ++step) {
      if (step % stretch == 0) std::copy(x.begin(), x.end(), kept.begin() + step / stretch * tile.size);
      advance(matrices, batch, first, rows, step, tile, x.data(), x.data());
    }
    std::vector<float> outputs(rows * outputs_), by_output(rows * outputs_);
    for (int64_t row = 0; row < rows; ++row)
      std::copy_n(x.begin() + row * stride_ + output_first_, outputs_, outputs.begin() + row * outputs_);
    losses[number] = loss(first, rows, outputs.data(), by_output.data());
    for (int64_t row = 0; row < rows; ++row)
      std::copy_n(by_output.begin() + row * outputs_, outputs_, slope.begin() + row * stride_ + output_first_);
    // Backward, stretch by stretch.
    by_inner[number].assign(n * stride_, 0.0f);
    float* force = by_force.data() + first * stride_;
    for (int64_t s = stretches - 1; s >= 0; --s) {
      const int64_t begin = s * stretch, end = std::min(steps_, begin + stretch);
      std::copy_n(kept.begin() + s * tile.size, tile.size, path.begin());
      for (int64_t step = begin; step + 1 < end; ++step) {
        float* at = path.data() + (step - begin) * tile.size;
        advance(matrices, batch, first, rows, step, tile, at, at + tile.size);
      }
      for (int64_t step = end - 1; step >= begin; --step) {
        const float* before = path.data() + (step - begin) * tile.size;
        weigh_rows(units(), rows, stride_, slope.data(), weighted.data());
        add_product_of_columns_f32(n, stride_, rows, before, stride_, weighted.data(), stride_, by_inner[number].data(),
                                   stride_);
        std::fill(coupled.begin(), coupled.end(), 0.0f);
        add_product_f32(rows, stride_, n, weighted.data(), stride_, matrices.inner.data(), stride_, coupled.data(),
                        stride_);
        retreat_rows(units(), rows, stride_, before, weighted.data(), coupled.data(), slope.data());
        for (int64_t k = 0; k < tile.size; ++k) force[k] -= weighted[k];
      }
    }
  });
  // Sums in one order.
  std::vector<float> inner(n * stride_, 0.0f), input(inputs() * stride_, 0.0f), bias(stride_, 0.0f);
  double sum = 0;
  for (int64_t tile = 0; tile < tiles; ++tile) {
    sum += losses[tile];
    for (int64_t k = 0; k < n * stride_; ++k) inner[k] += by_inner[tile][k];
  }
  for (int64_t row = 0; row < batch.rows; ++row) {
    for (int64_t i = 0; i < stride_; ++i) bias[i] += by_force[row * stride_ + i];
  }
  constexpr int64_t kPiece = 96;
  parallel_for((inputs() + kPiece - 1) / kPiece, threads, [&](int64_t piece) {
    const int64_t first = piece * kPiece;
    add_product_of_columns_f32(std::min(kPiece, inputs() - first), stride_, batch.rows, batch.inputs + first, inputs(),
                               by_force.data(), stride_, input.data() + first * stride_, stride_);
  });
  gradient.resize(places_.size());
  const float share = 1.0f / static_cast<float>(batch.rows);
  for (size_t k = 0; k < places_.size(); ++k) {
    const Place& place = places_[k];
    gradient[k] = share * (place.kind == Kind::input ? input[place.row * stride_ + place.column]
                           : place.kind == Kind::inner
                               ? -inner[place.row * stride_ + place.column] - inner[place.column * stride_ + place.row]
                               : bias[place.column]);
  }
  return sum / static_cast<double>(batch.rows);
}

}  // namespace swell
