#include "swell/model/machine_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

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

void read_parameters(const Safetensors& file, const std::string& name, Computer& computer) {
  for (CouplingSet& set : computer.sets) {
    for (CouplingBlock& block : set.blocks) {
      std::vector<double>& values = std::visit(
          [](auto& w) -> auto& { return w.values; }, block.weights);
      values = take_tensor(file, coupling_name(computer, set, block), weights_shape(computer, block), name);
    }
    for (size_t g = 0; g < computer.groups.size(); ++g) {
      if (!set.biased[g]) continue;
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
  std::vector<std::string> names;
  for (const CouplingSet& set : computer.sets) {
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
