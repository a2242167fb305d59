#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "swell/model/computer.h"
#include "swell/model/ising.h"
#include "swell/model/linear_system.h"

namespace swell {

// A machine that an engine laid out beforehand, to be run many times.
class Prepared {
 public:
  virtual ~Prepared() = default;
};

// What run() advances: one of three kinds of machine. It only refers to the machine, which the caller keeps as it is
// until the run is over.
//
// p-bits and linear systems have one group, "units", with all their units, unless a list of groups is given. A protocol
// puts one of several coupling sets in force by number: of a Computer its own, else the models or systems of a list,
// which all have the same size. Without couplings (kNoCouplings) p-bits are free.
class System {
 public:
  enum class Kind { langevin, pbits, linear };

  System(const Computer& computer);                                        // NOLINT: a machine is a system
  System(const IsingModel& model, const Prepared* prepared = nullptr);     // NOLINT
  System(const LinearSystem& system, const Prepared* prepared = nullptr);  // NOLINT
  // Throw InputError where the list is empty or sizes differ, or the groups are not those of all units.
  explicit System(std::span<const IsingModel> sets, std::vector<Group> groups = {});
  explicit System(std::span<const LinearSystem> sets, std::vector<Group> groups = {});

  Kind kind() const { return kind_; }
  int64_t units() const { return units_; }
  std::span<const Group> groups() const { return computer_ ? computer_->groups : own_; }
  int sets() const { return sets_; }  // coupling sets
  double kT() const { return kT_; }   // where a protocol has none

  // Null, or empty, for another kind.
  const Computer* computer() const { return computer_; }
  std::span<const IsingModel> models() const { return models_; }
  const Prepared* prepared() const { return prepared_; }
  std::span<const LinearSystem> linear() const { return linear_; }

 private:
  void own(std::vector<Group> groups);

  Kind kind_;
  int64_t units_ = 0;
  int sets_ = 1;
  double kT_ = 1;
  std::vector<Group> own_;
  const Computer* computer_ = nullptr;
  std::span<const IsingModel> models_;
  const Prepared* prepared_ = nullptr;
  std::span<const LinearSystem> linear_;
};

}  // namespace swell
