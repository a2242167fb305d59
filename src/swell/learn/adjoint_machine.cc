#include "swell/learn/adjoint_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/engine/timeline.h"
#include "swell/kernels/clamped_field.h"
#include "swell/physics/langevin.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kLine = 16;  // rows of states begin at a multiple of so many floats

void check(const Design& design, const Protocol& protocol, int output_group) {
  const auto refuse = [&](const std::string& what) {
    throw InputError(fmt::format("design '{}', protocol '{}': {}", design.name, protocol.name, what));
  };
  if (std::ranges::all_of(protocol.segments, [](const Segment& s) { return s.couplings == kNoCouplings; }))
    refuse("no segment has couplings; training needs some");
  if (design.integrator != Integrator::euler_maruyama)
    refuse("the integrator is not euler-maruyama, which training through the dynamics needs");
  if (protocol.segments.back().clamped[output_group])
    refuse(fmt::format("group '{}' is read at the end and clamped there; it can be one of them",
                       design.computer.groups[output_group].name));
}

// Calls visit(i, j) for every coupling of a block once, i and j numbers of units.
template <class Visit>
void for_each_coupling(const Computer& computer, const CouplingBlock& block, Visit visit) {
  const Group &rows = computer.groups[block.row_group], &columns = computer.groups[block.column_group];
  const bool within = block.row_group == block.column_group;
  const auto* sparse = std::get_if<SparseWeights>(&block.weights);
  for (int64_t r = 0; r < rows.size; ++r) {
    const int64_t first = sparse ? sparse->row_start[r] : 0, last = sparse ? sparse->row_start[r + 1] : columns.size;
    for (int64_t k = first; k < last; ++k) {
      const int64_t c = sparse ? sparse->column[k] : k;
      if (!within || c > r) visit(rows.first + r, columns.first + c);
    }
  }
}

}  // namespace

// One thread's rows: their whole state between segments, and what a segment needs while it goes on.
struct AdjointMachine::Tile {
  Tile(int64_t rows, int64_t units) : rows(rows), state(rows * units, 0.0f), state_slope(rows * units, 0.0f) {}
  void fit(const Piece& piece) {
    size = rows * piece.stride;
    for (auto* values : {&force, &field, &normals, &x}) values->assign(size, 0.0f);
  }
  int64_t rows, size = 0;
  std::vector<float> state, state_slope;  // [rows][units]
  std::vector<float> force;               // [rows][stride] field of clamped units and biases, constant in time
  std::vector<float> field;               // force + J x - drive
  std::vector<float> normals, x;
};

// Of one tile in one segment: what its trajectories add to the derivatives.
struct AdjointMachine::Sums {
  std::vector<float> inner;  // [free][stride]
  std::vector<float> force;  // [rows][stride] by the force on each unit of each row
};

RowUnits AdjointMachine::Piece::units(int64_t step) const {
  const bool constant = noise_scale.size() == static_cast<size_t>(stride);
  return {stride,    J2.data(),          J3.data(),
          J4.data(), mobility_dt.data(), noise_scale.data() + (constant ? 0 : step * stride)};
}

AdjointMachine::AdjointMachine(const Design& design, const Protocol& protocol, int output_group) {
  check(design, protocol, output_group);
  if (!keeps_books(design.computer))
    throw InputError("training needs forces with a potential and white noise of one kT, which this chip has not");
  const Computer& computer = design.computer;
  dt_ = design.dt;
  shape_ = computer;
  shape_.sets.clear();
  column_.assign(computer.units(), -1);
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    const bool used = std::ranges::any_of(
        protocol.segments, [g](const Segment& segment) { return segment.clamped[g] || !segment.drive[g].is_zero(); });
    const Group& group = computer.groups[g];
    for (int64_t k = 0; used && k < group.size; ++k) column_[group.first + k] = pattern_width_++;
  }
  output_first_ = computer.groups[output_group].first;
  outputs_ = computer.groups[output_group].size;
  for (const Segment& segment : protocol.segments) {
    pieces_.push_back(make_piece(computer, segment, steps_));
    steps_ += pieces_.back().steps;
  }
  find_parameters(computer);
  for (Piece& piece : pieces_) place_parameters(piece);
}

AdjointMachine::Piece AdjointMachine::make_piece(const Computer& computer, const Segment& segment,
                                                 int64_t first_step) const {
  Piece piece;
  piece.set = segment.couplings;
  piece.first_step = first_step;
  piece.steps = count_steps(segment, dt_);
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    const Group& group = computer.groups[g];
    const int64_t column = column_[group.first];
    if (segment.clamped[g]) {
      if (!piece.questions.empty() && piece.questions.back().first + piece.questions.back().second == column) {
        piece.questions.back().second += group.size;
      } else {
        piece.questions.emplace_back(column, group.size);
      }
    } else {
      piece.stretches.emplace_back(group.first, group.size);
      if (!segment.drive[g].is_zero()) {
        piece.drives.push_back({static_cast<int64_t>(piece.free.size()), group.size, column, {}});
        for (int64_t k = 0; k < piece.steps; ++k) {
          piece.drives.back().amplitude.push_back(
              static_cast<float>(segment.drive[g](static_cast<double>(k) / static_cast<double>(piece.steps))));
        }
      }
    }
    for (int64_t i = group.first; i < group.first + group.size; ++i)
      (segment.clamped[g] ? piece.clamped : piece.free).push_back(i);
  }
  const auto count = static_cast<int64_t>(piece.free.size());
  piece.stride = (count + kLine - 1) / kLine * kLine;
  for (auto* values : {&piece.J2, &piece.J3, &piece.J4, &piece.mobility_dt}) values->assign(piece.stride, 0.0f);
  const Schedule kT = temperature(segment, computer);
  const bool constant =
      std::ranges::all_of(kT.knots, [&](const Schedule::Knot& knot) { return knot.value == kT.knots[0].value; });
  const int64_t scales = constant ? 1 : piece.steps;
  piece.noise_scale.assign(scales * piece.stride, 0.0f);
  const CouplingSet* set = piece.set == kNoCouplings ? nullptr : &computer.sets[piece.set];
  for (int64_t i = 0; i < count; ++i) {
    const int64_t unit = piece.free[i];
    piece.J2[i] = static_cast<float>(quadratic(computer, set, unit));
    piece.J3[i] = static_cast<float>(computer.J3[unit]);
    piece.J4[i] = static_cast<float>(computer.J4[unit]);
    piece.mobility_dt[i] = static_cast<float>(computer.mobility[unit] * dt_);
  }
  for (int64_t k = 0; k < scales; ++k) {
    const double now = kT(static_cast<double>(k) / static_cast<double>(piece.steps));
    piece.noisy.push_back(now > 0);
    for (int64_t i = 0; i < count; ++i)
      piece.noise_scale[k * piece.stride + i] =
          static_cast<float>(noise_amplitude(computer.mobility[piece.free[i]], now, dt_));
  }
  return piece;
}

// Every coupling and bias that acts in some segment, set by set, each once.
void AdjointMachine::find_parameters(const Computer& computer) {
  for (int s = 0; s < static_cast<int>(computer.sets.size()); ++s) {
    std::vector<std::vector<char>> clamped;  // of the segments under this set, [units]
    for (const Piece& piece : pieces_) {
      if (piece.set != s) continue;
      clamped.emplace_back(computer.units(), 0);
      for (const int64_t unit : piece.clamped) clamped.back()[unit] = 1;
    }
    const auto acts = [&](int64_t i, int64_t j) {
      return std::ranges::any_of(clamped, [&](const std::vector<char>& c) { return !c[i] || !c[j]; });
    };
    const CouplingSet& set = computer.sets[s];
    for (const CouplingBlock& block : set.blocks) {
      for_each_coupling(computer, block, [&](int64_t i, int64_t j) {
        if (acts(i, j)) places_.push_back({s, static_cast<int32_t>(i), static_cast<int32_t>(j)});
      });
    }
    for (size_t g = 0; g < computer.groups.size(); ++g) {
      const Group& group = computer.groups[g];
      for (int64_t i = group.first; set.biased[g] && i < group.first + group.size; ++i) {
        if (acts(i, i)) places_.push_back({s, static_cast<int32_t>(i), -1});
      }
    }
  }
}

void AdjointMachine::place_parameters(Piece& piece) const {
  std::vector<int32_t> number(shape_.units(), 0);
  std::vector<char> clamped(shape_.units(), 0);
  for (size_t k = 0; k < piece.free.size(); ++k) number[piece.free[k]] = static_cast<int32_t>(k);
  for (size_t k = 0; k < piece.clamped.size(); ++k) {
    number[piece.clamped[k]] = static_cast<int32_t>(k);
    clamped[piece.clamped[k]] = 1;
  }
  for (size_t k = 0; k < places_.size(); ++k) {
    const auto& [set, i, j] = places_[k];
    const auto at = static_cast<int64_t>(k);
    if (set != piece.set) continue;
    if (j < 0) {
      if (!clamped[i]) piece.places.push_back({Kind::bias, 0, number[i], at});
    } else if (!clamped[i] && !clamped[j]) {
      piece.places.push_back({Kind::inner, std::min(number[i], number[j]), std::max(number[i], number[j]), at});
    } else if (clamped[i] != clamped[j]) {
      piece.places.push_back({Kind::input, clamped[i] ? number[i] : number[j], clamped[i] ? number[j] : number[i], at});
    }
  }
}

std::vector<float> AdjointMachine::read(std::span<const CouplingSet> sets) const {
  std::vector<float> parameters;
  parameters.reserve(places_.size());
  int shown = -1;
  std::vector<double> J;
  for (const auto& [set, i, j] : places_) {
    if (set != shown) J = dense_matrix(shape_, sets[shown = set]);
    parameters.push_back(static_cast<float>(j < 0 ? sets[set].bias[i] : J[i * shape_.units() + j]));
  }
  return parameters;
}

void AdjointMachine::write(std::span<const float> parameters, std::span<CouplingSet> sets) const {
  const int64_t n = shape_.units();
  for (int s = 0; s < static_cast<int>(sets.size()); ++s) {
    std::vector<double> J = dense_matrix(shape_, sets[s]);
    for (size_t k = 0; k < places_.size(); ++k) {
      const auto& [set, i, j] = places_[k];
      if (set != s) continue;
      if (j < 0) {
        sets[s].bias[i] = parameters[k];
      } else {
        J[i * n + j] = J[j * n + i] = parameters[k];
      }
    }
    assign_from_dense(shape_, J, sets[s]);
  }
}

std::vector<float> AdjointMachine::draw(double spread, uint64_t seed) const {
  std::vector<float> parameters(places_.size(), std::numeric_limits<float>::quiet_NaN());
  for (const Piece& piece : pieces_) {
    const double input = spread / std::sqrt(static_cast<double>(piece.clamped.size()));
    const double inner = 0.1 * spread / std::sqrt(static_cast<double>(piece.free.size()));
    for (const Place& place : piece.places) {
      float& value = parameters[place.parameter];
      if (!std::isnan(value)) continue;
      const double scale = place.kind == Kind::input ? input : place.kind == Kind::inner ? inner : 0.0;
      const float normal = draw_normal({seed, stream::kInitial}, 0, 0, static_cast<uint64_t>(place.parameter));
      value = static_cast<float>(scale * static_cast<double>(normal));
    }
  }
  return parameters;
}

std::vector<AdjointMachine::Matrices> AdjointMachine::expand(std::span<const float> parameters) const {
  std::vector<Matrices> all;
  for (const Piece& piece : pieces_) {
    Matrices matrices;
    if (piece.set != kNoCouplings) {
      matrices.input.assign(piece.clamped.size() * piece.stride, 0.0f);
      matrices.inner.assign(piece.free.size() * piece.stride, 0.0f);
    }
    matrices.bias.assign(piece.stride, 0.0f);
    for (const Place& place : piece.places) {
      const float value = parameters[place.parameter];
      if (place.kind == Kind::input) {
        matrices.input[place.row * piece.stride + place.column] = value;
      } else if (place.kind == Kind::inner) {
        matrices.inner[place.row * piece.stride + place.column] =
            matrices.inner[place.column * piece.stride + place.row] = value;
      } else {
        matrices.bias[place.column] = value;
      }
    }
    all.push_back(std::move(matrices));
  }
  return all;
}

// The free units' states of a tile and the forces that stay the same through a segment.
void AdjointMachine::begin(const Piece& piece, const Matrices& matrices, const Batch& batch, int64_t first,
                           Tile& tile) const {
  if (batch.halted && batch.halted()) throw Interrupted("training was interrupted");
  tile.fit(piece);
  const int64_t n = shape_.units();
  for (int64_t row = 0; row < tile.rows; ++row) {
    const float* patterns = batch.patterns + (first + row) * pattern_width_;
    for (const int64_t unit : piece.clamped) tile.state[row * n + unit] = patterns[column_[unit]];
    for (size_t k = 0; k < piece.free.size(); ++k)
      tile.x[row * piece.stride + static_cast<int64_t>(k)] = tile.state[row * n + piece.free[k]];
    std::ranges::copy(matrices.bias, tile.force.begin() + row * piece.stride);
  }
  if (piece.set == kNoCouplings) return;
  int64_t at = 0;
  for (const auto& [column, count] : piece.questions) {
    add_clamped_field(tile.rows, piece.stride, count, batch.patterns + first * pattern_width_ + column, pattern_width_,
                      matrices.input.data() + at * piece.stride, piece.stride, tile.force.data(), piece.stride);
    at += count;
  }
}

void AdjointMachine::end(const Piece& piece, Tile& tile) const {
  for (int64_t row = 0; row < tile.rows; ++row) {
    for (size_t k = 0; k < piece.free.size(); ++k)
      tile.state[row * shape_.units() + piece.free[k]] = tile.x[row * piece.stride + static_cast<int64_t>(k)];
  }
}

void AdjointMachine::advance(const Piece& piece, const Matrices& matrices, const Batch& batch, int64_t first,
                             int64_t step, Tile& tile, const float* x, float* next) const {
  std::ranges::copy(tile.force, tile.field.begin());
  const auto units = static_cast<int64_t>(piece.free.size());
  if (piece.set != kNoCouplings) {
    add_product_f32(tile.rows, piece.stride, units, x, piece.stride, matrices.inner.data(), piece.stride,
                    tile.field.data(), piece.stride);
  }
  for (const Piece::Drive& drive : piece.drives) {
    for (int64_t row = 0; row < tile.rows; ++row) {
      const float* pattern = batch.patterns + (first + row) * pattern_width_ + drive.column;
      float* field = tile.field.data() + row * piece.stride + drive.first;
      for (int64_t k = 0; k < drive.count; ++k) field[k] -= drive.amplitude[step] * pattern[k];
    }
  }
  if (piece.has_noise(step)) {
    int64_t at = 0;
    for (const auto& [unit, count] : piece.stretches) {
      draw_rows(batch.noise, batch.first_trajectory + static_cast<uint64_t>(first), tile.rows,
                static_cast<uint64_t>(piece.first_step + step), unit, count, piece.stride, tile.normals.data() + at);
      at += count;
    }
  }
  advance_rows(piece.units(step), tile.rows, piece.stride, tile.field.data(),
               piece.has_noise(step) ? tile.normals.data() : nullptr, x, next);
}

std::vector<float> AdjointMachine::answer(std::span<const float> parameters, const Batch& batch, int threads) const {
  const std::vector<Matrices> matrices = expand(parameters);
  const int64_t n = shape_.units();
  std::vector<float> result(batch.rows * outputs_);
  parallel_for((batch.rows + kTileRows - 1) / kTileRows, threads, [&](int64_t number) {
    const int64_t first = number * kTileRows, rows = std::min(kTileRows, batch.rows - first);
    Tile tile(rows, n);
    if (batch.start) std::copy_n(batch.start + first * n, rows * n, tile.state.begin());
    for (size_t p = 0; p < pieces_.size(); ++p) {
      begin(pieces_[p], matrices[p], batch, first, tile);
      for (int64_t step = 0; step < pieces_[p].steps; ++step)
        advance(pieces_[p], matrices[p], batch, first, step, tile, tile.x.data(), tile.x.data());
      end(pieces_[p], tile);
    }
    for (int64_t row = 0; row < rows; ++row)
      std::copy_n(tile.state.begin() + row * n + output_first_, outputs_, result.begin() + (first + row) * outputs_);
  });
  return result;
}

double AdjointMachine::mean_loss(const std::vector<float>& answers, const Loss& loss) const {
  const int64_t rows = static_cast<int64_t>(answers.size()) / outputs_;
  return loss(0, rows, answers.data(), nullptr) / static_cast<double>(rows);
}

namespace {

// Steps between states that are kept.
int64_t stretch_of(int64_t steps) { return std::max<int64_t>(8, std::lround(std::sqrt(static_cast<double>(steps)))); }

}  // namespace

// Back through one segment: tile.state_slope from that at its end to that at its start.
void AdjointMachine::retreat(const Piece& piece, const Matrices& matrices, const Batch& batch, int64_t first,
                             Tile& tile, const std::vector<float>& kept, Sums& sums) const {
  begin(piece, matrices, batch, first, tile);
  const auto n = static_cast<int64_t>(piece.free.size());
  const int64_t stretch = stretch_of(piece.steps), stretches = (piece.steps + stretch - 1) / stretch;
  std::vector<float> path((stretch + 1) * tile.size), slope(tile.size, 0.0f), weighted(tile.size), coupled(tile.size);
  const auto move = [&](bool in) {
    for (int64_t row = 0; row < tile.rows; ++row) {
      float* state = tile.state_slope.data() + row * shape_.units();
      for (int64_t k = 0; k < n; ++k)
        (in ? slope[row * piece.stride + k] : state[piece.free[k]]) =
            in ? state[piece.free[k]] : slope[row * piece.stride + k];
      for (const int64_t unit : piece.clamped) state[unit] = 0;
    }
  };
  move(true);
  if (piece.set != kNoCouplings) sums.inner.assign(n * piece.stride, 0.0f);
  sums.force.assign(tile.size, 0.0f);
  for (int64_t s = stretches - 1; s >= 0; --s) {
    const int64_t from = s * stretch, to = std::min(piece.steps, from + stretch);
    std::copy_n(kept.begin() + s * tile.size, tile.size, path.begin());
    for (int64_t step = from; step + 1 < to; ++step) {
      float* at = path.data() + (step - from) * tile.size;
      advance(piece, matrices, batch, first, step, tile, at, at + tile.size);
    }
    for (int64_t step = to - 1; step >= from; --step) {
      const float* before = path.data() + (step - from) * tile.size;
      weigh_rows(piece.units(step), tile.rows, piece.stride, slope.data(), weighted.data());
      std::ranges::fill(coupled, 0.0f);
      if (piece.set != kNoCouplings) {
        add_product_of_columns_f32(n, piece.stride, tile.rows, before, piece.stride, weighted.data(), piece.stride,
                                   sums.inner.data(), piece.stride);
        add_product_f32(tile.rows, piece.stride, n, weighted.data(), piece.stride, matrices.inner.data(), piece.stride,
                        coupled.data(), piece.stride);
      }
      retreat_rows(piece.units(step), tile.rows, piece.stride, before, weighted.data(), coupled.data(), slope.data());
      for (int64_t k = 0; k < tile.size; ++k) sums.force[k] -= weighted[k];
    }
  }
  move(false);
}

double AdjointMachine::loss_and_gradient(std::span<const float> parameters, const Batch& batch, const Loss& loss,
                                         int threads, std::vector<float>& gradient) const {
  const std::vector<Matrices> matrices = expand(parameters);
  const int64_t tiles = (batch.rows + kTileRows - 1) / kTileRows, n = shape_.units();
  std::vector<double> losses(tiles, 0.0);
  std::vector<std::vector<Sums>> sums(tiles, std::vector<Sums>(pieces_.size()));
  parallel_for(tiles, threads, [&](int64_t number) {
    const int64_t first = number * kTileRows, rows = std::min(kTileRows, batch.rows - first);
    Tile tile(rows, n);
    if (batch.start) std::copy_n(batch.start + first * n, rows * n, tile.state.begin());
    // Forward, keeping the free units' states before each stretch.
    std::vector<std::vector<float>> kept(pieces_.size());
    for (size_t p = 0; p < pieces_.size(); ++p) {
      const Piece& piece = pieces_[p];
      begin(piece, matrices[p], batch, first, tile);
      const int64_t stretch = stretch_of(piece.steps);
      for (int64_t step = 0; step < piece.steps; ++step) {
        if (step % stretch == 0) kept[p].insert(kept[p].end(), tile.x.begin(), tile.x.end());
        advance(piece, matrices[p], batch, first, step, tile, tile.x.data(), tile.x.data());
      }
      end(piece, tile);
    }
    std::vector<float> outputs(rows * outputs_), by_output(rows * outputs_);
    for (int64_t row = 0; row < rows; ++row)
      std::copy_n(tile.state.begin() + row * n + output_first_, outputs_, outputs.begin() + row * outputs_);
    losses[number] = loss(first, rows, outputs.data(), by_output.data());
    for (int64_t row = 0; row < rows; ++row)
      std::copy_n(by_output.begin() + row * outputs_, outputs_, tile.state_slope.begin() + row * n + output_first_);
    for (size_t p = pieces_.size(); p-- > 0;)
      retreat(pieces_[p], matrices[p], batch, first, tile, kept[p], sums[number][p]);
  });
  gradient = gradient_of(batch, sums, threads);
  double sum = 0;
  for (const double part : losses) sum += part;
  return sum / static_cast<double>(batch.rows);
}

// Sums over tiles and rows in one order.
std::vector<float> AdjointMachine::gradient_of(const Batch& batch, const std::vector<std::vector<Sums>>& sums,
                                               int threads) const {
  std::vector<float> gradient(places_.size(), 0.0f);
  const float share = 1.0f / static_cast<float>(batch.rows);
  for (size_t p = 0; p < pieces_.size(); ++p) {
    const Piece& piece = pieces_[p];
    if (piece.places.empty()) continue;
    const int64_t stride = piece.stride;
    std::vector<float> inner(piece.free.size() * stride, 0.0f), input(piece.clamped.size() * stride, 0.0f),
        bias(stride, 0.0f), forces;
    forces.reserve(batch.rows * stride);
    for (const std::vector<Sums>& tile : sums) {
      for (size_t k = 0; k < inner.size(); ++k) inner[k] += tile[p].inner[k];
      forces.insert(forces.end(), tile[p].force.begin(), tile[p].force.end());
    }
    for (int64_t row = 0; row < batch.rows; ++row) {
      for (int64_t i = 0; i < stride; ++i) bias[i] += forces[row * stride + i];
    }
    int64_t at = 0;
    for (const auto& [column, count] : piece.questions) {
      constexpr int64_t kPortion = 96;
      parallel_for((count + kPortion - 1) / kPortion, threads, [&, column = column, count = count](int64_t portion) {
        const int64_t from = portion * kPortion;
        add_product_of_columns_f32(std::min(kPortion, count - from), stride, batch.rows, batch.patterns + column + from,
                                   pattern_width_, forces.data(), stride, input.data() + (at + from) * stride, stride);
      });
      at += count;
    }
    for (const Place& place : piece.places) {
      const float value = place.kind == Kind::input ? input[place.row * stride + place.column]
                          : place.kind == Kind::inner
                              ? -inner[place.row * stride + place.column] - inner[place.column * stride + place.row]
                              : bias[place.column];
      gradient[place.parameter] += share * value;
    }
  }
  return gradient;
}

}  // namespace swell
