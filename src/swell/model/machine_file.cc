#include "swell/model/machine_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <utility>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/safetensors.h"
#include "swell/model/design_files.h"

namespace swell {

namespace {

constexpr const char* kFormat = "1";

std::string coupling_name(const Computer& computer, const CouplingSet& set, const CouplingBlock& block) {
  return fmt::format("{}.J.{}.{}", set.name, computer.groups[block.row_group].name,
                     computer.groups[block.column_group].name);
}

// Dense: rows and columns. Sparse: entries in order of rows; which units they couple is said by the design.
std::vector<int64_t> weights_shape(const Computer& computer, const CouplingBlock& block) {
  if (const auto* sparse = std::get_if<SparseWeights>(&block.weights))
    return {static_cast<int64_t>(sparse->values.size())};
  return {computer.groups[block.row_group].size, computer.groups[block.column_group].size};
}

// Which units the entries of sparse couplings are of, kept for designs that take them from a file.
std::string rows_name(const std::string& coupling) { return coupling + ".row_start"; }
std::string columns_name(const std::string& coupling) { return coupling + ".column"; }

std::string bias_name(const Computer& computer, const CouplingSet& set, size_t group) {
  return fmt::format("{}.b.{}", set.name, computer.groups[group].name);
}

// What units have of their own, in place of what the design says of their group.
constexpr std::pair<const char*, std::vector<double> Computer::*> kOfUnits[] = {
    {"J2", &Computer::J2}, {"J3", &Computer::J3}, {"J4", &Computer::J4}, {"mobility", &Computer::mobility}};
constexpr const char* kThermalEnergy = "kT";
std::string quadratic_name(const CouplingSet& set) { return set.name + ".J2"; }

const std::vector<double>& take_tensor(const Safetensors& file, const std::string& tensor, std::vector<int64_t> shape,
                                       const std::string& name) {
  return require_tensor(file.tensors, tensor, shape, name).values;
}

const std::string& take_text(const Safetensors& file, const std::string& key, const std::string& name) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) {
    throw IoError(
        fmt::format("{} is not a trained computer: its metadata has no '{}'; a file written by 'swell train' or 'swell "
                    "neural train' is needed",
                    name, key));
  }
  return found->second;
}

std::vector<int64_t> whole_numbers(const std::vector<double>& values, int64_t most, const std::string& tensor,
                                   const std::string& name) {
  std::vector<int64_t> numbers;
  for (const double value : values) {
    if (!(value >= 0 && value <= static_cast<double>(most)) || value != std::floor(value)) {
      throw IoError(
          fmt::format("{}: tensor '{}' holds {}; whole numbers from 0 to {} are allowed", name, tensor, value, most));
    }
    numbers.push_back(static_cast<int64_t>(value));
  }
  return numbers;
}

// The places of sparse couplings that the design took from a file when the machine was trained; the values come later.
CouplingWeights stored_places(const Safetensors& file, const std::string& coupling, const Group& rows,
                              const Group& columns, const std::string& name) {
  if (!file.tensors.contains(rows_name(coupling)))
    return DenseWeights{std::vector<double>(rows.size * columns.size, 0.0)};
  SparseWeights sparse;
  sparse.row_start = whole_numbers(take_tensor(file, rows_name(coupling), {rows.size + 1}, name), int64_t{1} << 53,
                                   rows_name(coupling), name);
  const auto found = file.tensors.find(columns_name(coupling));
  const int64_t entries = found == file.tensors.end() ? 0 : static_cast<int64_t>(found->second.values.size());
  for (const int64_t column : whole_numbers(take_tensor(file, columns_name(coupling), {entries}, name),
                                            columns.size - 1, columns_name(coupling), name))
    sparse.column.push_back(static_cast<int32_t>(column));
  bool rising = sparse.row_start.front() == 0 && sparse.row_start.back() == entries &&
                std::is_sorted(sparse.row_start.begin(), sparse.row_start.end());
  for (int64_t r = 0; rising && r < rows.size; ++r) {
    for (int64_t k = sparse.row_start[r] + 1; k < sparse.row_start[r + 1]; ++k)
      rising = rising && sparse.column[k - 1] < sparse.column[k];
  }
  if (!rising) throw IoError(fmt::format("{}: the rows of tensor '{}' are damaged", name, coupling));
  sparse.values.resize(entries);
  return sparse;
}

// A design's files stay behind: what they held is in the tensors.
DesignArrays arrays_in_tensors(const Safetensors& file, const std::string& name) {
  DesignArrays arrays;
  arrays.couplings = [&file, name](const std::string&, const std::string& set, const Group& rows, const Group& columns,
                                   bool) {
    return stored_places(file, fmt::format("{}.J.{}.{}", set, rows.name, columns.name), rows, columns, name);
  };
  arrays.biases = [](const std::string&, const std::string&, const Group& group) {
    return std::vector<double>(group.size, 0.0);
  };
  return arrays;
}

// A design as its text says it, without the numbers that lie in files.
Design as_written(const Design& design) {
  DesignArrays nothing;
  nothing.couplings = [](const std::string&, const std::string&, const Group& rows, const Group&, bool) {
    SparseWeights none;
    none.row_start.assign(rows.size + 1, 0);
    return none;
  };
  nothing.biases = [](const std::string&, const std::string&, const Group& group) {
    return std::vector<double>(group.size, 0.0);
  };
  return parse_design(design.text, fmt::format("design '{}'", design.name), nothing);
}

void write_units(const Computer& computer, const Computer& written, std::map<std::string, Tensor>& tensors) {
  for (const auto& [name, values] : kOfUnits) {
    if (computer.*values != written.*values) tensors[name] = {{computer.units()}, computer.*values, Dtype::F64};
  }
  if (computer.kT != written.kT) tensors[kThermalEnergy] = {{1}, {computer.kT}, Dtype::F64};
  for (const CouplingSet& set : computer.sets) {
    if (!set.J2.empty()) tensors[quadratic_name(set)] = {{computer.units()}, set.J2, Dtype::F64};
  }
}

void read_units(const Safetensors& file, const std::string& name, Computer& computer) {
  for (const auto& [tensor, values] : kOfUnits) {
    if (file.tensors.contains(tensor)) computer.*values = take_tensor(file, tensor, {computer.units()}, name);
  }
  if (file.tensors.contains(kThermalEnergy)) computer.kT = take_tensor(file, kThermalEnergy, {1}, name)[0];
  for (CouplingSet& set : computer.sets) {
    if (file.tensors.contains(quadratic_name(set)))
      set.J2 = take_tensor(file, quadratic_name(set), {computer.units()}, name);
  }
}

// Whether the couplings of the first stage are those that follow from the stages: the faults of a chip are in all
// alike.
bool follows_from_stages(const Design& design) {
  const int number = find_set(design.computer, stage_name(0));
  Computer first;
  first.groups = design.computer.groups;
  first.J2 = design.computer.J2;
  first.sets = {design.computer.sets[number]};
  Stages stages = *design.stages;
  stages.count = 1;
  stages.from_label = false;
  fill_stages(stages, first);
  const CouplingSet &made = first.sets[0], &there = design.computer.sets[number];
  const auto values = [](const CouplingBlock& block) -> const std::vector<double>& {
    return std::visit(
        [](const auto& weights) -> const auto& { return weights.values; }, block.weights);
  };
  bool alike = made.bias == there.bias && made.J2 == there.J2 && made.blocks.size() == there.blocks.size();
  for (size_t b = 0; alike && b < made.blocks.size(); ++b) alike = values(made.blocks[b]) == values(there.blocks[b]);
  return alike;
}

void require_as_designed(const Design& design, const Computer& written) {
  const Computer& computer = design.computer;
  bool alike = computer.kT == written.kT && follows_from_stages(design);
  for (const auto& [name, values] : kOfUnits) alike = alike && computer.*values == written.*values;
  if (!alike)
    throw InputError(
        "a file of a machine of stages has no place for the faults of a chip, only for what its stages share; keep "
        "the machine as designed, and make the chip again");
}

void read_parameters(const Safetensors& file, const std::string& name, Computer& computer) {
  read_units(file, name, computer);
  for (CouplingSet& set : computer.sets) {
    for (CouplingBlock& block : set.blocks) {
      std::vector<double>& values = std::visit(
          [](auto& w) -> auto& { return w.values; }, block.weights);
      values = take_tensor(file, coupling_name(computer, set, block), weights_shape(computer, block), name);
    }
    for (size_t g = 0; g < computer.groups.size(); ++g) {
      if (!set.biased[g] && !file.tensors.contains(bias_name(computer, set, g))) continue;
      set.biased[g] = 1;  // offsets of a chip are biases where the design has none
      const auto& values = take_tensor(file, bias_name(computer, set, g), {computer.groups[g].size}, name);
      std::copy(values.begin(), values.end(), set.bias.begin() + computer.groups[g].first);
    }
  }
  try {
    validate(computer, name);
  } catch (const InputError& error) {
    throw IoError(error.what());
  }
}

void read_stages_of(Safetensors& file, const std::string& name, Design& design) {
  take_stages(file.tensors, name, *design.stages);
  fill_stages(*design.stages, design.computer);
  try {
    validate(design.computer, name);
  } catch (const InputError& error) {
    throw IoError(error.what());
  }
}

// Of all tensors that hold a computer's parameters.
std::vector<std::string> parameter_names(const Computer& computer) {
  std::vector<std::string> names{kThermalEnergy};
  for (const auto& [name, values] : kOfUnits) names.emplace_back(name);
  for (const CouplingSet& set : computer.sets) {
    names.push_back(quadratic_name(set));
    for (const CouplingBlock& block : set.blocks) {
      const std::string name = coupling_name(computer, set, block);
      names.insert(names.end(), {name, rows_name(name), columns_name(name)});
    }
    for (size_t g = 0; g < computer.groups.size(); ++g) names.push_back(bias_name(computer, set, g));
  }
  return names;
}

}  // namespace

void round_parameters(Computer& computer) {
  const auto round = [](std::vector<double>& values) {
    for (double& value : values) value = static_cast<double>(static_cast<float>(value));
  };
  for (CouplingSet& set : computer.sets) {
    round(set.bias);
    for (CouplingBlock& block : set.blocks) std::visit([&](auto& weights) { round(weights.values); }, block.weights);
  }
}

std::vector<std::byte> encode_machine(const MachineFile& machine) {
  const Computer& computer = machine.design.computer;
  require_potential(computer, "a file of a machine holds couplings of");
  if (computer.memory.remembers() || computer.memory.kT_drift != 0 || !computer.warmth.empty())
    throw InputError(
        "a file of a machine has no place for what a chip's noise and temperature do; it holds the design");
  Safetensors file{machine.arrays, machine.notes};
  const Computer written = as_written(machine.design).computer;
  if (machine.design.stages) {
    require_as_designed(machine.design, written);
  } else {
    write_units(computer, written, file.tensors);
  }
  if (machine.design.stages) write_stages(*machine.design.stages, file.tensors);
  for (const CouplingSet& set : computer.sets) {
    if (machine.design.stages) break;  // all sets follow from the stages
    for (const CouplingBlock& block : set.blocks) {
      const auto& values = std::visit(
          [](const auto& w) -> const auto& { return w.values; }, block.weights);
      const std::string name = coupling_name(computer, set, block);
      file.tensors[name] = {weights_shape(computer, block), values, Dtype::F32};
      const auto* sparse = std::get_if<SparseWeights>(&block.weights);
      if (!sparse || !names_files(machine.design)) continue;
      file.tensors[rows_name(name)] = {{static_cast<int64_t>(sparse->row_start.size())},
                                       {sparse->row_start.begin(), sparse->row_start.end()},
                                       Dtype::F64};
      file.tensors[columns_name(name)] = {
          {static_cast<int64_t>(sparse->column.size())}, {sparse->column.begin(), sparse->column.end()}, Dtype::F64};
    }
    for (size_t g = 0; g < computer.groups.size(); ++g) {
      if (!set.biased[g]) continue;
      const Group& group = computer.groups[g];
      file.tensors[bias_name(computer, set, g)] = {
          {group.size}, {set.bias.begin() + group.first, set.bias.begin() + group.first + group.size}, Dtype::F32};
    }
  }
  file.metadata["swell"] = std::string(kFormat);
  file.metadata["design"] = machine.design.text;
  return encode_safetensors(file);
}

void write_machine(const std::filesystem::path& path, const MachineFile& machine) {
  write_file_atomically(path, encode_machine(machine));
}

const Tensor& require_tensor(const std::map<std::string, Tensor>& tensors, const std::string& tensor,
                             const std::vector<int64_t>& shape, const std::string& file) {
  const auto found = tensors.find(tensor);
  if (found == tensors.end())
    throw IoError(fmt::format("{}: tensor '{}' is missing; its design needs it", file, tensor));
  if (found->second.shape != shape) {
    throw IoError(fmt::format("{}: tensor '{}' has shape [{}]; its design needs [{}]", file, tensor,
                              fmt::join(found->second.shape, ", "), fmt::join(shape, ", ")));
  }
  for (const double value : found->second.values) {
    if (!std::isfinite(value))
      throw IoError(fmt::format("{}: tensor '{}' holds {}; finite numbers are needed", file, tensor, value));
  }
  return found->second;
}

MachineFile parse_machine(std::span<const std::byte> bytes, const std::string& name) {
  Safetensors file = parse_safetensors(bytes, name);
  if (take_text(file, "swell", name) != kFormat) {
    throw IoError(
        fmt::format("{}: format version {} is not known; {} is", name, take_text(file, "swell", name), kFormat));
  }
  MachineFile machine;
  try {
    machine.design = parse_design(take_text(file, "design", name), name + " (design)", arrays_in_tensors(file, name));
  } catch (const InputError& error) {
    throw IoError(error.what());
  }
  if (machine.design.stages)
    read_stages_of(file, name, machine.design);
  else
    read_parameters(file, name, machine.design.computer);
  machine.arrays = std::move(file.tensors);
  for (const std::string& parameter : parameter_names(machine.design.computer)) machine.arrays.erase(parameter);
  machine.notes = std::move(file.metadata);
  machine.notes.erase("swell");
  machine.notes.erase("design");
  return machine;
}

MachineFile read_machine(const std::filesystem::path& path) {
  return parse_machine(read_file(path, size_t{1} << 34), path.string());
}

}  // namespace swell
