#include "swell/programs/ising/reduce.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace swell::ising {

namespace {

constexpr double kMostRows =
    4e6;  // entries of rows that merging may read per unit removed, in all: dense models keep theirs

struct Bond {
  int32_t to;
  double J;
};

// Whether there is a unit at which a reduction can begin. Dense models have none, and are large.
bool any_unit_may_go(const IsingModel& model) {
  for (int64_t i = 0; i < model.units; ++i) {
    double sum = std::abs(model.h[i]), strongest = sum;
    for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) {
      sum += std::abs(model.J[k]);
      strongest = std::max(strongest, std::abs(model.J[k]));
    }
    const int64_t bonds = model.degree(i) + (model.h[i] != 0 ? 1 : 0);
    if (bonds <= 3 || strongest >= sum - strongest) return true;
  }
  return false;
}

}  // namespace

// The graph while units go. A field is a bond to the ghost, which is always +1.
class Reducer {
 public:
  Reducer(const IsingModel& model, Reduction& out) : out_(out), ghost_(static_cast<int32_t>(model.units)) {
    rows_.resize(model.units + 1);
    for (int64_t i = 0; i < model.units; ++i) {
      auto& row = rows_[i];
      row.reserve(model.degree(i) + 1);
      for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k)
        row.push_back({model.neighbour[k], model.J[k]});
      if (model.h[i] != 0) {
        row.push_back({ghost_, model.h[i]});
        rows_[ghost_].push_back({static_cast<int32_t>(i), model.h[i]});
      }
    }
    alive_.assign(model.units + 1, 1);
    queued_.assign(model.units + 1, 1);
    exact_ = has_exact_sums(model);
    double sum = 0;
    for (int64_t i = 0; i < model.units; ++i) sum += largest_field(model, i);
    finest_ = std::ldexp(1.0, std::ilogb(std::max(sum, 1e-300)) - 50);
    for (int64_t i = 0; i < model.units; ++i) queue_.push_back(static_cast<int32_t>(i));
    budget_ = kMostRows + 40 * static_cast<double>(model.neighbour.size());
  }

  void reduce() {
    while (!queue_.empty() && budget_ > 0) {
      const int32_t unit = queue_.back();
      queue_.pop_back();
      queued_[unit] = 0;
      if (alive_[unit]) look_at(unit);
    }
    finish();
  }

 private:
  void look_at(int32_t unit) {
    const auto& row = rows_[unit];
    budget_ -= static_cast<double>(row.size());
    if (row.empty()) return remove_free(unit);
    double sum = 0;
    const Bond* strongest = &row[0];
    for (const Bond& bond : row) {
      sum += std::abs(bond.J);
      if (std::abs(bond.J) > std::abs(strongest->J)) strongest = &bond;
    }
    // Not decided by rounding: a sum of doubles may be off by its last bits.
    const double others = sum - std::abs(strongest->J);
    const double grain = exact_ ? 0 : 1e-14 * sum * static_cast<double>(row.size() > 2 ? 1 : 0);
    if (std::abs(strongest->J) >= others + grain) return merge(unit, *strongest);
    if (row.size() == 3) star_to_triangle(unit);
  }

  void remove_free(int32_t unit) {
    out_.steps_.push_back({unit, {ghost_, ghost_, ghost_}, {1, 0, 0}});
    alive_[unit] = 0;
  }

  // The unit follows the one at the end of this bond.
  void merge(int32_t unit, Bond bond) {
    out_.steps_.push_back({unit, {bond.to, ghost_, ghost_}, {bond.J, 0, 0}});
    const double sign = bond.J > 0 ? 1 : -1;
    const std::vector<Bond> row = take(unit);
    for (const Bond& other : row) {
      if (other.to != bond.to) add(bond.to, other.to, sign * other.J);
    }
    touch(bond.to);
  }

  // min over m of -m (a x + b y + c z) = -(A + B xy + C xz + D yz) for whatever signs x, y, z have.
  void star_to_triangle(int32_t unit) {
    const Bond a = rows_[unit][0], b = rows_[unit][1], c = rows_[unit][2];
    const double all = std::abs(a.J + b.J + c.J), not_a = std::abs(-a.J + b.J + c.J), not_b = std::abs(a.J - b.J + c.J),
                 not_c = std::abs(a.J + b.J - c.J);
    const double ab = (all + not_c - not_a - not_b) / 4, ac = (all + not_b - not_a - not_c) / 4,
                 bc = (all + not_a - not_b - not_c) / 4;
    if (exact_ && (std::abs(fraction(ab)) + std::abs(fraction(ac)) + std::abs(fraction(bc)) > 0)) return;
    out_.steps_.push_back({unit, {a.to, b.to, c.to}, {a.J, b.J, c.J}});
    take(unit);
    add(a.to, b.to, ab);
    add(a.to, c.to, ac);
    add(b.to, c.to, bc);
  }

  // What is finer than sums of doubles hold.
  double fraction(double J) const { return J - std::floor(J / finest_) * finest_; }

  std::vector<Bond> take(int32_t unit) {
    std::vector<Bond> row = std::move(rows_[unit]);
    rows_[unit].clear();
    alive_[unit] = 0;
    for (const Bond& bond : row) {
      drop(bond.to, unit);
      touch(bond.to);
    }
    return row;
  }

  void drop(int32_t from, int32_t to) {
    auto& row = rows_[from];
    const auto at = std::ranges::find(row, to, &Bond::to);
    *at = row.back();
    row.pop_back();
  }

  void add(int32_t a, int32_t b, double J) {
    if (J == 0) return;
    budget_ -= static_cast<double>(std::min(rows_[a].size(), rows_[b].size()));
    if (rows_[a].size() > rows_[b].size()) std::swap(a, b);
    const auto at = std::ranges::find(rows_[a], b, &Bond::to);
    if (at == rows_[a].end()) {
      rows_[a].push_back({b, J});
      rows_[b].push_back({a, J});
    } else {
      at->J += J;
      const auto back = std::ranges::find(rows_[b], a, &Bond::to);
      back->J = at->J;
      if (at->J == 0) {
        drop(a, b);
        drop(b, a);
      }
    }
    touch(a);
    touch(b);
  }

  void touch(int32_t unit) {
    if (unit == ghost_ || !alive_[unit] || queued_[unit]) return;
    queued_[unit] = 1;
    queue_.push_back(unit);
  }

  void finish() {
    std::vector<int32_t> number(ghost_, -1);
    for (int32_t i = 0; i < ghost_; ++i) {
      if (!alive_[i]) continue;
      number[i] = static_cast<int32_t>(out_.kept_.size());
      out_.kept_.push_back(i);
    }
    if (out_.kept_.size() == number.size()) return;
    if (out_.kept_.empty()) {
      out_.reduced_.emplace();
      return;
    }
    std::vector<IsingEdge> edges;
    std::vector<double> h(out_.kept_.size(), 0.0);
    for (const int32_t i : out_.kept_) {
      for (const Bond& bond : rows_[i]) {
        if (bond.to == ghost_)
          h[number[i]] = bond.J;
        else if (bond.to > i)
          edges.push_back({number[i], number[bond.to], bond.J});
      }
    }
    out_.reduced_ = make_ising(static_cast<int64_t>(out_.kept_.size()), edges, std::move(h));
  }

  Reduction& out_;
  int32_t ghost_;
  std::vector<std::vector<Bond>> rows_;
  std::vector<char> alive_, queued_;
  std::vector<int32_t> queue_;
  bool exact_ = false;
  double finest_ = 0;  // of exact models: halves of halves stay multiples of this
  double budget_ = 0;
};

Reduction::Reduction(const IsingModel& model) : whole_(model) {
  if (any_unit_may_go(model)) {
    Reducer(model, *this).reduce();
    return;
  }
  kept_.resize(model.units);
  std::iota(kept_.begin(), kept_.end(), 0);
}

std::vector<int8_t> Reduction::expand(std::span<const int8_t> reduced) const {
  std::vector<int8_t> whole(whole_.units + 1, 1);
  for (size_t k = 0; k < kept_.size(); ++k) whole[kept_[k]] = reduced[k];
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    double field = 0;
    for (int k = 0; k < 3; ++k) field += step->weight[k] * whole[step->other[k]];
    whole[step->unit] = field < 0 ? -1 : 1;
  }
  whole.pop_back();
  return whole;
}

std::vector<int8_t> Reduction::project(std::span<const int8_t> whole) const {
  std::vector<int8_t> reduced(kept_.size());
  for (size_t k = 0; k < kept_.size(); ++k) reduced[k] = whole[kept_[k]];
  return reduced;
}

}  // namespace swell::ising
