#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "swell/model/builder.h"
#include "swell/model/computer.h"
#include "swell/model/ising.h"
#include "swell/model/linear_system.h"
#include "swell/model/system.h"

namespace swell::python {

namespace nb = nanobind;

// A machine of Langevin units as Python builds it, or as it came from a file. It is made into a Computer where one is
// asked for, and anew after a change.
class Machine {
 public:
  Machine() = default;
  explicit Machine(std::shared_ptr<const Computer> computer) : computer_(std::move(computer)), whole_(true) {}
  Machine(const Machine& other);
  Machine& operator=(const Machine&) = delete;

  // Adds to it without the interpreter's lock; other threads that want the machine wait until it is done. Throws
  // InputError where the machine came from a file.
  void add(const std::function<void(MachineBuilder&)>& what);
  const Computer& computer() const { return *shared(); }
  std::shared_ptr<const Computer> shared() const;

  // Names and sizes of the groups so far, whether or not the machine is whole.
  std::vector<std::pair<std::string, int64_t>> sizes() const;
  // From within add().
  void note_group(std::string name, int64_t size) { sizes_.emplace_back(std::move(name), size); }

 private:
  // Waited for with the interpreter's lock; whoever has it gives it back before asking for that.
  mutable std::mutex turn_;
  MachineBuilder builder_;
  std::vector<std::pair<std::string, int64_t>> sizes_;
  mutable std::shared_ptr<const Computer> computer_;
  bool whole_ = false;
};

// The number of a group or coupling set. Throws InputError, naming those there are.
int group_number(const Computer& computer, std::string_view name);
int set_number(const Computer& computer, std::string_view name);

// One machine of any kind, or a list of p-bits or of linear systems that a protocol switches between, with what it
// refers to.
struct AnySystem {
  explicit AnySystem(nb::handle object);
  const System& system() const { return *system_; }
  std::vector<std::string> sets;  // names of the coupling sets; empty for other kinds, which are numbered

 private:
  nb::object owner_;
  std::shared_ptr<const Computer> computer_;
  std::vector<IsingModel> models_;
  std::vector<LinearSystem> linear_;
  std::optional<System> system_;
};

}  // namespace swell::python
