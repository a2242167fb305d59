#include "swell/programs/neural/learner_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "swell/base/errors.h"
#include "swell/io/safetensors.h"

namespace swell::neural {

namespace {

Tensor tensor(const std::vector<float>& values) {
  return {{static_cast<int64_t>(values.size())}, {values.begin(), values.end()}, Dtype::F32};
}

}  // namespace

void write_learner(const std::filesystem::path& path, const Learner& learner, const std::string& purpose) {
  Safetensors file;
  file.tensors["parameters"] = tensor(learner.parameters);
  for (size_t k = 0; k < learner.memory.size(); ++k)
    file.tensors[fmt::format("memory.{}", k)] = tensor(learner.memory[k]);
  file.tensors["loss"] = {{static_cast<int64_t>(learner.loss.size())}, learner.loss, Dtype::F64};
  const nlohmann::json state = {
      {"update", learner.update}, {"evaluations", learner.evaluations}, {"wall_s", learner.wall_s}};
  file.metadata = {{"learner", "1"}, {"purpose", purpose}, {"state", state.dump()}};
  write_safetensors(path, file);
}

Learner read_learner(const std::filesystem::path& path, const std::string& purpose) {
  const Safetensors file = read_safetensors(path);
  const auto refuse = [&](const std::string& what) { return IoError(fmt::format("{}: {}", path.string(), what)); };
  const auto text = [&](const char* key) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end())
      throw refuse(fmt::format("not the checkpoint of a training, its metadata has no '{}'", key));
    return found->second;
  };
  if (text("learner") != "1") throw refuse(fmt::format("checkpoint version {} is not known; 1 is", text("learner")));
  if (text("purpose") != purpose) {
    throw InputError(fmt::format("{} is the checkpoint of another training ({}); this one is ({})", path.string(),
                                 text("purpose"), purpose));
  }
  const auto state = nlohmann::json::parse(text("state"), nullptr, false);
  Learner learner;
  try {
    learner.update = state.at("update");
    learner.evaluations = state.at("evaluations");
    learner.wall_s = state.at("wall_s");
  } catch (const nlohmann::json::exception&) {
    throw refuse("its 'state' is damaged");
  }
  const auto values = [&](const std::string& name) -> const std::vector<double>& {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end()) throw refuse(fmt::format("tensor '{}' is missing", name));
    return found->second.values;
  };
  learner.parameters.assign(values("parameters").begin(), values("parameters").end());
  for (size_t k = 0; file.tensors.contains(fmt::format("memory.{}", k)); ++k) {
    const auto& memory = values(fmt::format("memory.{}", k));
    learner.memory.emplace_back(memory.begin(), memory.end());
    if (memory.size() != learner.parameters.size())
      throw refuse(
          fmt::format("'memory.{}' has {} numbers, 'parameters' {}", k, memory.size(), learner.parameters.size()));
  }
  learner.loss = values("loss");
  if (static_cast<int64_t>(learner.loss.size()) != learner.update)
    throw refuse("its loss curve does not have one number for each update");
  return learner;
}

}  // namespace swell::neural
