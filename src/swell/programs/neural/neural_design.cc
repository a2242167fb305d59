#include "swell/programs/neural/neural_design.h"

#include <fmt/format.h>

#include <utility>

#include "swell/base/errors.h"
#include "swell/model/toml_reader.h"

namespace swell::neural {

NeuralDesign neural_design(Design design) {
  NeuralDesign answering{std::move(design), {}};
  const toml::table root = parse_toml(answering.text, answering.file);
  auto reader = TomlReader(root, answering.file, "").table("neural");
  if (!reader) {
    throw InputError(
        fmt::format("design '{}' has no table [neural], which names the output group and how inputs are scaled; a "
                    "machine that makes images is for 'swell train' and 'swell generate'",
                    answering.name));
  }
  const Computer& computer = answering.computer;
  NeuralSettings& settings = answering.neural;
  settings.output = require_group(*reader, computer, "output", reader->text("output"));
  settings.mean = reader->number("mean", 0.0);
  settings.sigma = reader->number("sigma", 1.0);
  settings.equal_norm = reader->choice("norm", {"own", "equal"}, "own") == "equal";
  const char* scale = reader->node("sharpness") ? "sharpness" : "logit_scale";  // the first is what it was once called
  settings.logit_scale = reader->number(scale, 1.0);
  settings.spread = reader->number("spread", 1.0);
  for (const auto& [key, value] : {std::pair("sigma", settings.sigma), std::pair(scale, settings.logit_scale),
                                   std::pair("spread", settings.spread)}) {
    if (!(value > 0)) throw InputError(fmt::format("{} is {}; more than 0 is needed", reader->where(key), value));
  }
  if (reader->node("teacher")) settings.teacher = reader->extents("teacher");
  settings.guide.assign(computer.groups.size(), 0.0);
  if (auto guide = reader->table("guide")) {
    for (const std::string& name : guide->keys())
      settings.guide[require_group(*guide, computer, name, name)] = guide->number(name);
  }
  reader->refuse_unknown_keys();
  return answering;
}

int64_t question_size(const NeuralDesign& design) {
  const Protocol& protocol = find_protocol(design, "answer");
  int64_t size = 0;
  for (size_t g = 0; g < design.computer.groups.size(); ++g) {
    if (protocol.segments.at(0).clamped[g]) size += design.computer.groups[g].size;
  }
  return size;
}

int64_t answer_size(const NeuralDesign& design) { return design.computer.groups[design.neural.output].size; }

std::vector<int64_t> question_shape(const NeuralDesign& design) {
  const Protocol& protocol = find_protocol(design, "answer");
  std::vector<int64_t> shape;
  for (size_t g = 0; g < design.computer.groups.size(); ++g) {
    if (!protocol.segments.at(0).clamped[g]) continue;
    if (!shape.empty()) return {question_size(design)};
    shape = design.computer.groups[g].shape;
  }
  return shape;
}

}  // namespace swell::neural
