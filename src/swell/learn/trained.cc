#include "swell/learn/trained.h"

#include <fmt/format.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"

namespace swell {

namespace {

DataSet images_of(const MachineFile& file, const std::string& name) {
  DataSet images;
  const auto found = file.arrays.find("training.images");
  if (found == file.arrays.end()) return images;
  const Tensor& tensor = found->second;
  if (tensor.shape.size() < 2)
    throw IoError(
        fmt::format("{}: tensor 'training.images' has {} extents; at least 2 are needed", name, tensor.shape.size()));
  for (const double value : tensor.values) {
    if (!(std::abs(value) <= 1))
      throw IoError(fmt::format("{}: tensor 'training.images' holds {}; -1 to 1 is allowed", name, value));
  }
  images.shape.assign(tensor.shape.begin() + 1, tensor.shape.end());
  images.values = tensor.values;
  if (!file.arrays.contains("training.labels")) return images;
  for (const double label : require_tensor(file.arrays, "training.labels", {tensor.shape[0]}, name).values) {
    if (!(label >= 0 && label < 1e6))
      throw IoError(fmt::format("{}: tensor 'training.labels' holds {}; 0 to 999999 is allowed", name, label));
    images.labels.push_back(static_cast<int>(label));
  }
  return images;
}

Trained trained_of(MachineFile file, const std::string& name) {
  Trained trained{std::move(file.design), images_of(file, name), {}};
  const auto found = file.notes.find("training");
  if (found == file.notes.end()) {
    throw IoError(
        fmt::format("{} is not a trained computer: its metadata has no 'training'; a file written by 'swell train' or "
                    "'swell neural train' is needed",
                    name));
  }
  trained.training = nlohmann::ordered_json::parse(found->second, nullptr, false);
  if (!trained.training.is_object()) throw IoError(fmt::format("{}: metadata 'training' is not a JSON object", name));
  return trained;
}

}  // namespace

std::vector<std::byte> encode_trained(const Trained& trained) {
  if (trained.converter.spec.reads_out())
    throw InputError("a file of a machine holds no converter; this chip has one ([readout] of its faults)");
  MachineFile file{trained.design, {}, {{"training", trained.training.dump()}}};
  const DataSet images = first_rows(trained.images, kMaxKeptImages);
  if (images.rows() > 0) {
    std::vector<int64_t> shape{images.rows()};
    shape.insert(shape.end(), images.shape.begin(), images.shape.end());
    file.arrays["training.images"] = {shape, images.values, Dtype::F32};
    if (!images.labels.empty())
      file.arrays["training.labels"] = {{images.rows()}, {images.labels.begin(), images.labels.end()}, Dtype::F32};
  }
  return encode_machine(file);
}

void write_trained(const std::filesystem::path& path, const Trained& trained) {
  write_file_atomically(path, encode_trained(trained));
}

Trained parse_trained(std::span<const std::byte> bytes, const std::string& name) {
  return trained_of(parse_machine(bytes, name), name);
}

Trained read_trained(const std::filesystem::path& path) { return trained_of(read_machine(path), path.string()); }

}  // namespace swell
