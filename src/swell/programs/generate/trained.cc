#include "swell/programs/generate/trained.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/safetensors.h"

namespace swell::generate {

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

std::string bias_name(const Computer& computer, const CouplingSet& set, size_t group) {
  return fmt::format("{}.b.{}", set.name, computer.groups[group].name);
}

const std::vector<double>& take_tensor(const Safetensors& file, const std::string& tensor, std::vector<int64_t> shape,
                                       const std::string& name) {
  const auto found = file.tensors.find(tensor);
  if (found == file.tensors.end())
    throw IoError(fmt::format("{}: tensor '{}' is missing; its design needs it", name, tensor));
  if (found->second.shape != shape) {
    throw IoError(fmt::format("{}: tensor '{}' has shape [{}]; its design needs [{}]", name, tensor,
                              fmt::join(found->second.shape, ", "), fmt::join(shape, ", ")));
  }
  for (const double value : found->second.values) {
    if (!std::isfinite(value))
      throw IoError(fmt::format("{}: tensor '{}' holds {}; finite numbers are needed", name, tensor, value));
  }
  return found->second.values;
}

const std::string& take_text(const Safetensors& file, const std::string& key, const std::string& name) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) {
    throw IoError(
        fmt::format("{} is not a trained computer: its metadata has no '{}'; a file written by 'swell train' is needed",
                    name, key));
  }
  return found->second;
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

void read_images(const Safetensors& file, const std::string& name, TrainingSet& images) {
  const auto found = file.tensors.find("training.images");
  if (found == file.tensors.end()) return;
  const Tensor& tensor = found->second;
  if (tensor.shape.size() < 2)
    throw IoError(
        fmt::format("{}: tensor 'training.images' has {} extents; at least 2 are needed", name, tensor.shape.size()));
  for (const double value : tensor.values) {
    if (!(std::abs(value) <= 1))
      throw IoError(fmt::format("{}: tensor 'training.images' holds {}; -1 to 1 is allowed", name, value));
  }
  images.shape.assign(tensor.shape.begin() + 1, tensor.shape.end());
  images.pixels = tensor.values;
  if (!file.tensors.contains("training.labels")) return;
  for (const double label : take_tensor(file, "training.labels", {tensor.shape[0]}, name)) {
    if (!(label >= 0 && label < 1e6))
      throw IoError(fmt::format("{}: tensor 'training.labels' holds {}; 0 to 999999 is allowed", name, label));
    images.labels.push_back(static_cast<int>(label));
  }
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

void write_trained(const std::filesystem::path& path, const Trained& trained) {
  const Computer& computer = trained.design.computer;
  Safetensors file;
  for (const CouplingSet& set : computer.sets) {
    for (const CouplingBlock& block : set.blocks) {
      const auto& values = std::visit(
          [](const auto& w) -> const auto& { return w.values; }, block.weights);
      file.tensors[coupling_name(computer, set, block)] = {weights_shape(computer, block), values, Dtype::F32};
    }
    for (size_t g = 0; g < computer.groups.size(); ++g) {
      if (!set.biased[g]) continue;
      const Group& group = computer.groups[g];
      file.tensors[bias_name(computer, set, g)] = {
          {group.size}, {set.bias.begin() + group.first, set.bias.begin() + group.first + group.size}, Dtype::F32};
    }
  }
  const TrainingSet& images = trained.images;
  const int64_t kept = std::min(images.images(), kMaxKeptImages);
  if (kept > 0) {
    std::vector<int64_t> shape{kept};
    shape.insert(shape.end(), images.shape.begin(), images.shape.end());
    file.tensors["training.images"] = {
        shape, {images.pixels.begin(), images.pixels.begin() + kept * images.pixel_count()}, Dtype::F32};
    if (!images.labels.empty()) {
      file.tensors["training.labels"] = {{kept}, {images.labels.begin(), images.labels.begin() + kept}, Dtype::F32};
    }
  }
  file.metadata = {{"swell", kFormat}, {"design", trained.design.text}, {"training", trained.training.dump()}};
  write_safetensors(path, file);
}

Trained parse_trained(std::span<const std::byte> bytes, const std::string& name) {
  const Safetensors file = parse_safetensors(bytes, name);
  if (take_text(file, "swell", name) != kFormat) {
    throw IoError(
        fmt::format("{}: format version {} is not known; {} is", name, take_text(file, "swell", name), kFormat));
  }
  Trained trained;
  try {
    trained.design = parse_design(take_text(file, "design", name), name + " (design)");
  } catch (const InputError& error) {
    throw IoError(error.what());
  }
  read_parameters(file, name, trained.design.computer);
  read_images(file, name, trained.images);
  trained.training = nlohmann::ordered_json::parse(take_text(file, "training", name), nullptr, false);
  if (!trained.training.is_object()) throw IoError(fmt::format("{}: metadata 'training' is not a JSON object", name));
  return trained;
}

Trained read_trained(const std::filesystem::path& path) {
  return parse_trained(read_file(path, size_t{1} << 34), path.string());
}

}  // namespace swell::generate
