// swell inspect: what is in a trained computer or a design.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "swell/cmd/command.h"
#include "swell/cmd/flags.h"
#include "swell/io/png.h"
#include "swell/programs/generate/pictures.h"
#include "swell/programs/generate/report.h"

namespace swell::cmd {

namespace {

using Json = nlohmann::ordered_json;

struct Flags {
  std::string file, picture;
};

struct Spread {
  double rms = 0, largest = 0;
};

Spread spread(const std::vector<double>& values) {
  Spread result;
  for (const double value : values) {
    result.rms += value * value;
    result.largest = std::max(result.largest, std::abs(value));
  }
  if (!values.empty()) result.rms = std::sqrt(result.rms / static_cast<double>(values.size()));
  return result;
}

Json describe_groups(const Computer& computer, const Common& common) {
  Json groups = Json::array();
  for (const Group& group : computer.groups) {
    const double J2 = computer.J2[group.first], J3 = computer.J3[group.first], J4 = computer.J4[group.first];
    groups.push_back({{"name", group.name},
                      {"shape", group.shape},
                      {"units", group.size},
                      {"J2", J2},
                      {"J3", J3},
                      {"J4", J4},
                      {"mobility", computer.mobility[group.first]}});
    common.say(fmt::format("  group {:<10} {:>6} units, shape {}; J2 = {:g}, J3 = {:g}, J4 = {:g} E0", group.name,
                           group.size, fmt::join(group.shape, " x "), J2, J3, J4));
  }
  return groups;
}

Json describe_sets(const Computer& computer, const Common& common) {
  Json sets = Json::array();
  for (const CouplingSet& set : computer.sets) {
    Json blocks = Json::array();
    common.say(fmt::format("  couplings '{}': {} parameters", set.name, count_parameters(computer, set)));
    for (const CouplingBlock& block : set.blocks) {
      const std::string &a = computer.groups[block.row_group].name, &b = computer.groups[block.column_group].name;
      const Spread values = std::visit([](const auto& weights) { return spread(weights.values); }, block.weights);
      blocks.push_back({{"between", {a, b}}, {"rms", values.rms}, {"largest", values.largest}});
      common.say(fmt::format("    {} - {}: rms {:.4g}, largest {:.4g} E0", a, b, values.rms, values.largest));
    }
    const Spread biases = spread(set.bias);
    common.say(fmt::format("    biases: largest {:.4g} E0", biases.largest));
    sets.push_back({{"name", set.name},
                    {"parameters", count_parameters(computer, set)},
                    {"blocks", blocks},
                    {"largest_bias", biases.largest}});
  }
  return sets;
}

Json describe_protocols(const Design& design, const Common& common) {
  Json protocols = Json::object();
  for (const Protocol& protocol : design.protocols) {
    std::vector<std::string> parts;
    for (const Segment& segment : protocol.segments) {
      parts.push_back(fmt::format(
          "{} {:g}{}", segment.name, segment.duration,
          segment.couplings == kNoCouplings ? "" : " (" + design.computer.sets[segment.couplings].name + ")"));
    }
    common.say(fmt::format("  protocol {}: {}", protocol.name, fmt::join(parts, ", then ")));
    protocols[protocol.name] = parts;
  }
  return protocols;
}

Result run(const Flags& flags, const Common& common) {
  if (!flags.picture.empty()) require_writable_file(flags.picture);
  const Trained trained = load_machine(flags.file);
  const Design& design = trained.design;
  common.say(fmt::format("{}: {}, {} units, kT = {:g} E0, dt = {:g}/mu", flags.file, design.name,
                         design.computer.units(), design.computer.kT, design.dt));
  Result result;
  result.result["design"] = {
      {"name", design.name}, {"units", design.computer.units()}, {"kT", design.computer.kT}, {"dt", design.dt}};
  result.result["groups"] = describe_groups(design.computer, common);
  result.result["couplings"] = describe_sets(design.computer, common);
  result.result["protocols"] = describe_protocols(design, common);
  if (!trained.training.empty()) {
    result.result["training"] = trained.training;
    common.say("  training: " + trained.training.dump());
  }
  result.page = generate::machine_page(trained);
  if (!flags.picture.empty()) {
    write_png(flags.picture, generate::receptive_fields(design, design.computer.sets.at(0)));
    common.say(fmt::format("wrote {}", flags.picture));
  }
  return result;
}

}  // namespace

Command inspect_command() {
  return {"inspect", "what is in a trained computer or a design", [](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            app.add_option("FILE", flags->file, "trained computer (safetensors) or design (.toml)")->required();
            app.add_option("--save", flags->picture, "picture of the couplings to write (PNG)");
            return [flags](const Common& common) { return run(*flags, common); };
          }};
}

}  // namespace swell::cmd
