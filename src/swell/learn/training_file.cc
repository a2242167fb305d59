#include "swell/learn/training_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "swell/base/errors.h"
#include "swell/io/leave_files.h"
#include "swell/io/safetensors.h"

namespace swell {

namespace {

Tensor tensor(const std::vector<float>& values) {
  return {{static_cast<int64_t>(values.size())}, {values.begin(), values.end()}, Dtype::F32};
}

}  // namespace

void write_training(const std::filesystem::path& path, const TrainingState& state, const std::string& purpose) {
  Safetensors file;
  file.tensors["parameters"] = tensor(state.parameters);
  if (!state.exact.empty())
    file.tensors["exact"] = {{static_cast<int64_t>(state.exact.size())}, state.exact, Dtype::F64};
  for (size_t k = 0; k < state.memory.size(); ++k) file.tensors[fmt::format("memory.{}", k)] = tensor(state.memory[k]);
  file.tensors["loss"] = {{static_cast<int64_t>(state.loss.size())}, state.loss, Dtype::F64};
  const nlohmann::json counts = {
      {"update", state.update}, {"evaluations", state.evaluations}, {"wall_s", state.wall_s}};
  file.metadata = {{"learner", "1"}, {"purpose", purpose}, {"state", counts.dump()}};
  write_safetensors(path, file);
}

TrainingState read_training(const std::filesystem::path& path, const std::string& purpose) {
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
  const auto counts = nlohmann::json::parse(text("state"), nullptr, false);
  TrainingState state;
  try {
    state.update = counts.at("update");
    state.evaluations = counts.at("evaluations");
    state.wall_s = counts.at("wall_s");
  } catch (const nlohmann::json::exception&) {
    throw refuse("its 'state' is damaged");
  }
  const auto values = [&](const std::string& name) -> const std::vector<double>& {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end()) throw refuse(fmt::format("tensor '{}' is missing", name));
    return found->second.values;
  };
  state.parameters.assign(values("parameters").begin(), values("parameters").end());
  if (file.tensors.contains("exact")) state.exact = values("exact");
  for (size_t k = 0; file.tensors.contains(fmt::format("memory.{}", k)); ++k) {
    const auto& memory = values(fmt::format("memory.{}", k));
    state.memory.emplace_back(memory.begin(), memory.end());
    if (memory.size() != state.parameters.size())
      throw refuse(
          fmt::format("'memory.{}' has {} numbers, 'parameters' {}", k, memory.size(), state.parameters.size()));
  }
  state.loss = values("loss");
  if (static_cast<int64_t>(state.loss.size()) != state.update)
    throw refuse("its loss curve does not have one number for each update");
  return state;
}

void TrainingCheckpoint::keep(const TrainingState& state, bool now) {
  if (!wanted() || (!now && Clock::now() - last_ < std::chrono::duration<double>(file_.every_s))) return;
  write_training(file_.path, state, purpose_);
  last_ = Clock::now();
}

TrainingState TrainingCheckpoint::resume() const {
  return wanted() && std::filesystem::exists(file_.path) ? read_training(file_.path, purpose_) : TrainingState{};
}

void TrainingCheckpoint::remove() const {
  if (wanted()) remove_file(file_.path);
}

}  // namespace swell
