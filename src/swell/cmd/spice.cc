// swell spice: a machine as a circuit, and the circuit held against the machine in an independent simulator.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/base/quantity.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/machine_file.h"
#include "swell/cmd/outputs.h"
#include "swell/cmd/progress.h"
#include "swell/hardware/spice/check.h"
#include "swell/hardware/spice/folder.h"
#include "swell/hardware/spice/images.h"
#include "swell/io/file_kind.h"
#include "swell/io/npy.h"
#include "swell/io/png.h"
#include "swell/ledger/statistics.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/generate/pictures.h"
#include "swell/programs/ising/problem.h"

namespace swell::cmd {

namespace {

using Json = nlohmann::ordered_json;

// ---- export ----

struct ExportFlags {
  std::string model, output, picture = "conductance", unit = "quartic", C = "1pF", V0, t0 = "1us", temperature, set;
  double ideality = 1, kT = 1, saturation = 0;
  bool resistors = false;
};

spice::Options options_of(const ExportFlags& flags) {
  spice::Options options;
  options.picture = *spice::picture_named(flags.picture);
  options.law = *spice::law_named(flags.unit);
  options.C_farad = amount_in(flags.C, "F");
  options.t0_second = amount_in(flags.t0, "s");
  if (!flags.V0.empty()) options.V0_volt = amount_in(flags.V0, "V");
  if (!flags.temperature.empty()) options.temperature_kelvin = amount_in(flags.temperature, "K");
  options.ideality = flags.ideality;
  options.resistors = flags.resistors;
  options.saturation = flags.saturation;
  return options;
}

// Where generation is a stretch without couplings and one with this set, and nothing else, it can be done again.
spice::Image image_of(const Design& design, int set) {
  for (const Protocol& protocol : design.protocols) {
    if (protocol.name != "generation" || protocol.segments.size() != 2) continue;
    const Segment &free = protocol.segments[0], &coupled = protocol.segments[1];
    for (const Segment* segment : {&free, &coupled}) {
      const bool driven = std::ranges::any_of(segment->drive, [](const Schedule& s) { return !s.is_zero(); });
      const bool clamped = std::ranges::any_of(segment->clamped, [](char c) { return c != 0; });
      const bool heated = std::ranges::any_of(
          segment->kT.knots, [&](const Schedule::Knot& knot) { return knot.value != design.computer.kT; });
      if (driven || clamped || heated) return {};
    }
    if (free.couplings != kNoCouplings || coupled.couplings != set) return {};
    for (size_t g = 0; g < design.patterns.size(); ++g) {
      const Group& group = design.computer.groups[g];
      if (design.patterns[g] == PatternMap::data && group.shape.size() == 2)
        return {group.first, group.shape[0], group.shape[1], free.duration, coupled.duration};
    }
  }
  return {};
}

void say_where(const std::string& folder, const std::vector<std::string>& files, const Common& common) {
  common.say(fmt::format("wrote {} to {}", fmt::join(files, ", "), folder));
}

Result export_neurons(const ExportFlags& flags, const Common& common) {
  const ising::Problem problem = ising::read_problem(flags.model);
  const spice::Options options = options_of(flags);
  const spice::Neurons neurons =
      spice::make_neurons(problem.model, problem.name, flags.kT, options.V0_volt.value_or(0.1), options.t0_second);
  require_writable_folder(flags.output);
  spice::write_folder(flags.output, neurons);
  common.say(fmt::format("{} p-bits with {} couplings as stochastic neurons, kT = {:g}, a sweep in {:g} s",
                         neurons.units(), neurons.couplings.size(), neurons.kT, neurons.t0_second));
  say_where(flags.output, {"machine.cir", "machine.json", "sigmoid.cir", "network.cir", "README.md"}, common);
  Result result;
  result.inputs = {{"problem", problem.name}, {"format", problem.format}};
  result.result = {{"units", neurons.units()},
                   {"couplings", neurons.couplings.size()},
                   {"kT", neurons.kT},
                   {"sweep_s", neurons.t0_second},
                   {"files", {{"folder", flags.output}}}};
  return result;
}

Result export_machine(const ExportFlags& flags, const Common& common) {
  if (flags.model.empty())
    throw InputError(
        "swell spice needs a MODEL: a trained computer, a design with couplings, or a "
        "file of p-bits; or one of its parts, check or images");
  if (flags.output.empty()) throw InputError("swell spice MODEL needs -o FOLDER for the circuit");
  if (!is_langevin_machine(flags.model)) return export_neurons(flags, common);
  const Trained trained = load_machine(flags.model);
  const Design& design = trained.design;
  if (design.computer.sets.empty()) throw InputError(fmt::format("{} has no couplings", flags.model));
  const int set = flags.set.empty() ? 0 : find_set(design.computer, flags.set);
  if (set < 0) throw InputError(fmt::format("{} has no couplings named '{}'", flags.model, flags.set));
  spice::Circuit machine =
      spice::make_circuit(design.computer, design.computer.sets[set], design.name, options_of(flags));
  machine.image = image_of(design, set);
  require_writable_folder(flags.output);
  spice::write_folder(flags.output, machine);
  common.say(fmt::format("{}: {} units and {} couplings in the {} picture, unit law {}", design.name, machine.units(),
                         machine.couplings.size(), flags.picture, flags.unit));
  const std::string one = machine.picture == spice::Picture::conductance ? fmt::format("{:.4g} V", machine.V0_volt)
                          : machine.picture == spice::Picture::charge
                              ? fmt::format("{:.4g} C", machine.C_farad * machine.V0_volt)
                              : fmt::format("{:.4g} Wb", machine.flux_weber());
  common.say(fmt::format("E0 = {:.4g} J, R0 = {:.4g} ohm, x = 1 is {}, noise at {:.4g} K, parts at {:.4g} K",
                         machine.energy_joule(), machine.R0_ohm(), one, machine.noise_temperature(),
                         machine.temperature_kelvin));
  say_where(flags.output, spice::files_of(machine), common);
  Result result;
  result.inputs = {{"design", design.name}, {"couplings", design.computer.sets[set].name}};
  result.result = {{"units", machine.units()},
                   {"couplings", machine.couplings.size()},
                   {"energy_J", machine.energy_joule()},
                   {"R0_ohm", machine.R0_ohm()},
                   {"V0_V", machine.V0_volt},
                   {"t0_s", machine.t0_second},
                   {"noise_temperature_K", machine.noise_temperature()},
                   {"temperature_K", machine.temperature_kelvin},
                   {"files", {{"folder", flags.output}}}};
  return result;
}

void add_export_flags(CLI::App& app, ExportFlags& flags) {
  app.add_option(
      "MODEL", flags.model,
      "trained computer (safetensors), design with couplings (.toml), or p-bits in any format of 'swell ising'");
  app.add_option("-o,--output", flags.output, "folder for the subcircuit, its test benches and README.md");
  app.add_option("--picture", flags.picture,
                 "what a unit is: conductance, a node voltage with injected noise; charge, of capacitors, and flux, of "
                 "inductors, with the thermal noise of their resistors")
      ->capture_default_str()
      ->check(CLI::IsMember({"conductance", "charge", "flux"}));
  app.add_option("--unit", flags.unit,
                 "what a unit with x^4 is made of: quartic, ideal; cosh, diodes, and latch, a differential pair "
                 "(conductance); josephson, a junction (flux)")
      ->capture_default_str()
      ->check(CLI::IsMember({"quartic", "cosh", "latch", "josephson"}));
  app.add_option("--C", flags.C, "capacitance of a unit of mobility 1")->capture_default_str();
  app.add_option(
      "--V0", flags.V0,
      "voltage of x = 1; without it 100mV of conductance, else what the temperature gives: kT C V0^2 = k_B T");
  app.add_option("--t0", flags.t0, "time of one 1/mu; of p-bits of one sweep")->capture_default_str();
  app.add_option(
         "--temperature", flags.temperature,
         "of the parts; in the charge and flux pictures of the noise as well. Without it 300K, or what V0 gives")
      ->option_text("X");
  app.add_option("--ideality", flags.ideality, "n of diodes and transistors, with V_T = n k_B T / e")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 5.0));
  app.add_flag("--resistors", flags.resistors,
               "of conductance: negative couplings as resistors between nodes in place of controlled sources");
  app.add_option(
         "--saturation", flags.saturation,
         "of conductance: couplings read X tanh(x / X) of a unit in place of x, as transconductors do (2 to 10); "
         "0 for none. The circuit then has no potential")
      ->option_text("X")
      ->capture_default_str();
  app.add_option("--couplings", flags.set, "name of the coupling set; without it the first")->option_text("NAME");
  app.add_option("--kT", flags.kT, "of p-bits: temperature, in the units of the file's couplings")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
}

// ---- check ----

struct CheckFlags {
  std::string folder;
};

Json to_json(const spice::Layer& layer) {
  Json json = {{"layer", layer.name}, {"ran", layer.ran}};
  if (layer.ran) {
    json["passed"] = layer.passed;
    json["what"] = layer.what;
    json["error"] = std::isfinite(layer.error) ? Json(layer.error) : Json(nullptr);
    json["allowed"] = layer.allowed;
    json["wall_s"] = layer.wall_s;
  }
  if (!layer.message.empty()) json["message"] = layer.message;
  return json;
}

Result check(const CheckFlags& flags, const Common& common) {
  const spice::Exported exported = spice::read_folder(flags.folder);
  spice::CheckOptions options;
  options.plan.seed = common.seed;
  if (common.quick) {
    options.plan.points = 10;
    options.plan.knots = 60;
    options.plan.statistics_steps = 5000;
    options.chain_steps = 2000;
  }
  options.progress = [&](const Progress& at) {
    common.say("  running " + at.stage);
    return true;
  };
  const spice::CheckReport report = spice::check(exported, options);
  Result result;
  result.inputs = {{"folder", flags.folder}, {"simulator", "ngspice"}};
  Json layers = Json::array(), moments = Json::array();
  for (const spice::Layer& layer : report.layers) {
    layers.push_back(to_json(layer));
    if (!layer.ran) {
      common.say(fmt::format("{:<11} not run: {}", layer.name, layer.message));
      continue;
    }
    common.say(fmt::format("{:<11} {}: {:.3g}, allowed {:g}: {} ({:.1f} s)", layer.name, layer.what, layer.error,
                           layer.allowed, layer.passed ? "passed" : "FAILED", layer.wall_s));
    result.check(layer.name, layer.passed, layer.message,
                 {{"error", to_json(layer)["error"]}, {"allowed", layer.allowed}});
  }
  for (const spice::Measured& moment : report.moments) {
    moments.push_back({{"what", moment.what},
                       {"circuit", to_json(Estimate{moment.circuit, moment.circuit_error, moment.circuit_count}, "1")},
                       {"model", to_json(Estimate{moment.model, moment.model_error, moment.model_count}, "1")}});
  }
  result.result = {{"passed", report.passed()}, {"layers", layers}, {"moments", moments}};
  common.say(fmt::format("{} in {:.1f} s",
                         report.passed() ? "the circuit is the machine" : "the circuit is NOT the machine",
                         report.wall_s));
  if (!report.passed()) {
    warn("the circuit differs from the machine; see the layers that failed");
    result.exit_code = 5;
  }
  return result;
}

// ---- images ----

struct ImageFlags {
  std::string folder, output;
  int64_t count = 9;
};

Result images(const ImageFlags& flags, const Common& common) {
  const spice::Exported exported = spice::read_folder(flags.folder);
  if (exported.neurons.units() > 0)
    throw InputError(fmt::format("{} holds p-bits, which make no images", flags.folder));
  require_writable_file(flags.output);
  const int64_t count = common.quick ? std::min<int64_t>(flags.count, 1) : flags.count;
  spice::Simulator simulator(exported.subcircuit);
  ProgressLine progress("images");
  const spice::ImagePairs pairs =
      spice::make_images(exported.machine, simulator, count, common.seed,
                         [&](const Progress& at) { return progress.show("ngspice", at.done, at.total); });
  clear_progress();
  std::vector<float> rows = pairs.model;
  rows.insert(rows.end(), pairs.circuit.begin(), pairs.circuit.end());
  write_png(flags.output,
            generate::tile_images(rows, 2 * count, static_cast<int>(pairs.rows), static_cast<int>(pairs.columns),
                                  static_cast<int>(count), 8, generate::gray_scale(rows)));
  common.say(fmt::format("{} images, {} steps of noise each: x differs by at most {:.2g} anywhere ({:.1f} s)", count,
                         pairs.steps, pairs.largest_difference, pairs.wall_s));
  common.say(fmt::format("wrote {}: above Swell, below ngspice, with the same noise", flags.output));
  Result result;
  result.inputs = {{"folder", flags.folder}, {"samples", count}};
  result.result = {
      {"largest_difference", pairs.largest_difference}, {"steps", pairs.steps}, {"files", {{"picture", flags.output}}}};
  result.check("same path", pairs.largest_difference < 0.02, "the circuit leaves the model's path",
               {{"largest_difference", pairs.largest_difference}});
  return result;
}

}  // namespace

Command spice_command() {
  return {"spice", "a machine as a circuit, and its check in ngspice", [](CLI::App& app) -> Action {
            auto flags = std::make_shared<ExportFlags>();
            auto check_flags = std::make_shared<CheckFlags>();
            auto image_flags = std::make_shared<ImageFlags>();
            add_export_flags(app, *flags);
            CLI::App* const checked =
                app.add_subcommand("check", "hold the circuit in a folder against its machine in ngspice");
            checked->fallthrough();
            checked->add_option("FOLDER", check_flags->folder, "what 'swell spice MODEL -o FOLDER' wrote")->required();
            CLI::App* const pictured = app.add_subcommand(
                "images", "images by the circuit in ngspice beside Swell's own, with the same noise");
            pictured->fallthrough();
            pictured->add_option("FOLDER", image_flags->folder, "what 'swell spice MODEL -o FOLDER' wrote")->required();
            pictured->add_option("-n,--samples", image_flags->count, "number of images")
                ->capture_default_str()
                ->check(CLI::Range(int64_t{1}, int64_t{100}));
            pictured->add_option("--save", image_flags->output, "the picture to write (PNG)")->required();
            return [=](const Common& common) {
              if (checked->parsed()) return check(*check_flags, common);
              if (pictured->parsed()) return images(*image_flags, common);
              return export_machine(*flags, common);
            };
          }};
}

}  // namespace swell::cmd
