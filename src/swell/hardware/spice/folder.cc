#include "swell/hardware/spice/folder.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "swell/base/errors.h"
#include "swell/hardware/spice/benches.h"
#include "swell/hardware/spice/netlist.h"
#include "swell/hardware/spice/plan.h"
#include "swell/hardware/spice/safe_text.h"
#include "swell/hardware/spice/verilog_a.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/json.h"

namespace swell::spice {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

Json couplings_json(const std::vector<Coupling>& couplings) {
  Json list = Json::array();
  for (const Coupling& c : couplings) list.push_back(Json::array({c.a, c.b, c.J}));
  return list;
}

std::vector<Coupling> couplings_of(const Json& json) {
  std::vector<Coupling> couplings;
  for (const Json& one : json.at("couplings"))
    couplings.push_back({one.at(0).get<int64_t>(), one.at(1).get<int64_t>(), one.at(2).get<double>()});
  return couplings;
}

Circuit machine_of(const Json& json) {
  Circuit m;
  m.name = json.at("name").get<std::string>();
  const auto picture = picture_named(json.at("picture").get<std::string>());
  const auto law = law_named(json.at("unit_law").get<std::string>());
  if (!picture || !law) throw InputError("the picture or the unit law is none that there is");
  m.picture = *picture;
  m.law = *law;
  m.C_farad = json.at("C_farad");
  m.V0_volt = json.at("V0_volt");
  m.t0_second = json.at("t0_second");
  m.temperature_kelvin = json.at("temperature_kelvin");
  m.ideality = json.at("ideality");
  m.resistors = json.at("resistors");
  m.saturation = json.value("saturation", 0.0);
  m.kT = json.at("kT");
  m.J2 = json.at("J2").get<std::vector<double>>();
  m.J3 = json.at("J3").get<std::vector<double>>();
  m.J4 = json.at("J4").get<std::vector<double>>();
  m.bias = json.at("bias").get<std::vector<double>>();
  m.mobility = json.at("mobility").get<std::vector<double>>();
  m.couplings = couplings_of(json);
  if (json.contains("image")) {
    const Json& image = json.at("image");
    m.image = {image.at("first"), image.at("rows"), image.at("columns"), image.at("free_time"),
               image.at("coupled_time")};
    const Image& i = m.image;
    const bool fits = i.first >= 0 && i.rows >= 1 && i.columns >= 1 && i.rows <= kMostUnits &&
                      i.columns <= kMostUnits && i.first + i.rows * i.columns <= m.units() && i.free_time >= 0 &&
                      i.coupled_time > 0;
    if (!fits) throw InputError("the image does not lie within the units");
  }
  validate(m);
  return m;
}

Neurons neurons_of(const Json& json) {
  Neurons n;
  n.name = json.at("name").get<std::string>();
  n.h = json.at("h").get<std::vector<double>>();
  n.kT = json.at("kT");
  n.V0_volt = json.at("V0_volt");
  n.t0_second = json.at("t0_second");
  n.couplings = couplings_of(json);
  validate(n);
  return n;
}

std::string amount(double value, const char* unit) { return fmt::format("{:.4g} {}", value, unit); }

std::string meaning(const Circuit& m) {
  if (m.picture == Picture::conductance)
    return fmt::format(
        "A unit is the voltage of a capacitor, V0 = {} for x = 1. Its potential is not an energy: currents I = (V0 / "
        "R0) "
        "dV/dx leave the node, and noise that is injected shakes it. The circuit is driven, and its temperature is "
        "that "
        "of the injected noise, T_eff = kT C V0^2 / k_B = {} ({:.3g} times the {} of the parts).",
        amount(m.V0_volt, "V"), amount(m.noise_temperature(), "K"), m.noise_temperature() / m.temperature_kelvin,
        amount(m.temperature_kelvin, "K"));
  return fmt::format(
      "A unit is the {}, {} for x = 1. Its potential is an energy that {} hold, and the noise is the thermal noise of "
      "the "
      "resistors themselves: kT E0 = k_B T, T = {}. Resistances set how fast the machine is and have no part in where "
      "it "
      "settles.",
      m.picture == Picture::charge ? "charge that passes a resistor" : "magnetic flux at a node",
      m.picture == Picture::charge ? amount(m.C_farad * m.V0_volt, "C") : amount(m.flux_weber(), "Wb"),
      m.picture == Picture::charge ? "capacitors" : "inductors and junctions", amount(m.temperature_kelvin, "K"));
}

// What of the machine an ideal element stands for, so that a netlist that runs is no promise.
std::string limits_of(const Circuit& m) {
  std::string text;
  if (m.law == Law::quartic && m.picture == Picture::conductance)
    text +=
        "- The cubic currents are ideal elements; the unit laws cosh and latch have them of diodes and "
        "transistors.\n";
  if (m.law == Law::quartic && m.picture == Picture::charge)
    text +=
        "- The quartic energies are ideal nonlinear capacitors; a ferroelectric one has this law (Landau and "
        "Khalatnikov).\n";
  if (m.law == Law::quartic && m.picture == Picture::flux)
    text += "- The quartic energies are ideal nonlinear inductors; the unit law josephson has junctions.\n";
  if (m.law != Law::quartic)
    text += fmt::format(
        "- The unit law {} agrees with x^4 near x = 0 only: its argument is {:.4g} x. Where that is not small, train "
        "with "
        "it in mind; the benches hold the circuit to this law, not to x^4.\n",
        name_of(m.law), m.argument());
  if (m.picture == Picture::conductance)
    text += fmt::format(
        "- Controlled sources are noiseless here. Real transconductors and resistors at {} add about T / T_eff = "
        "{:.2g} "
        "to the variance of x.\n",
        amount(m.temperature_kelvin, "K"), m.temperature_kelvin / m.noise_temperature());
  if (m.saturation > 0)
    text += fmt::format(
        "- Couplings saturate: what they read of a unit is y = {0:g} tanh(x / {0:g}). So coupled the machine has no "
        "potential: it settles in no Boltzmann distribution, and makes heat at rest (`swell spice check` says how "
        "much). "
        "There is no bench of statistics, since nothing exact is known of them.\n",
        m.saturation);
  if (m.picture == Picture::charge)
    text += "- Couplings are capacitors, which hold J > 0 only (after inversion); others were refused.\n";
  if (m.picture == Picture::flux)
    text += "- Couplings are mutual inductances of both signs; leads and stray ones are left out.\n";
  return text;
}

constexpr const char* kRunning = R"(## Checks

    swell spice check FOLDER

runs every bench that fits the size in ngspice and compares it with the model. By hand, each bench runs with
`ngspice -n -b NAME.cir` in this folder. `machine.xyce.cir` has the same elements with expressions as Xyce reads them; it
was written, not run. `machine.va`, of the conductance picture, is the machine as a module of Verilog-A, noise and all; it
too was written and never run.
)";

}  // namespace

std::string to_json_text(const Circuit& m) {
  Json json = {{"swell_spice", kFormat},
               {"name", m.name},
               {"picture", name_of(m.picture)},
               {"unit_law", name_of(m.law)},
               {"C_farad", m.C_farad},
               {"V0_volt", m.V0_volt},
               {"t0_second", m.t0_second},
               {"temperature_kelvin", m.temperature_kelvin},
               {"ideality", m.ideality},
               {"resistors", m.resistors},
               {"saturation", m.saturation},
               {"kT", m.kT},
               {"J2", m.J2},
               {"J3", m.J3},
               {"J4", m.J4},
               {"bias", m.bias},
               {"mobility", m.mobility},
               {"couplings", couplings_json(m.couplings)}};
  if (m.image.rows > 0)
    json["image"] = {{"first", m.image.first},
                     {"rows", m.image.rows},
                     {"columns", m.image.columns},
                     {"free_time", m.image.free_time},
                     {"coupled_time", m.image.coupled_time}};
  return to_text(json);
}

std::string to_json_text(const Neurons& n) {
  return to_text(Json{{"swell_spice", kFormat},
                      {"name", n.name},
                      {"picture", "neurons"},
                      {"V0_volt", n.V0_volt},
                      {"t0_second", n.t0_second},
                      {"kT", n.kT},
                      {"h", n.h},
                      {"couplings", couplings_json(n.couplings)}});
}

Exported parse_machine_json(std::string_view text, const std::string& name) {
  Exported result;
  try {
    const Json json = Json::parse(text);
    if (json.at("swell_spice").get<int>() != kFormat) throw IoError(name + " is of another version");
    if (json.at("picture").get<std::string>() == "neurons") {
      result.neurons = neurons_of(json);
    } else {
      result.machine = machine_of(json);
    }
  } catch (const nlohmann::json::exception& error) {
    throw IoError(fmt::format("{} is not what 'swell spice' writes: {}", name, error.what()));
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", name, error.what()));
  }
  return result;
}

std::vector<std::string> files_of(const Circuit& m) {
  std::vector<std::string> files = {"machine.json", "machine.cir", "machine.xyce.cir", "drift.cir"};
  files.push_back(m.picture == Picture::conductance ? "machine.va" : "admittance.cir");
  const Plan plan = make_plan(m, {});
  if (!plan.pairs.empty()) files.push_back("noise.cir");
  files.push_back("path.cir");
  if (m.has_potential()) files.push_back("statistics.cir");
  files.push_back("README.md");
  return files;
}

void write_folder(const std::filesystem::path& folder, const Circuit& m) {
  std::filesystem::create_directories(folder);
  const Plan plan = make_plan(m, {});
  for (const std::string& file : files_of(m)) {
    std::string text;
    if (file == "machine.json") text = to_json_text(m);
    if (file == "machine.cir") text = subcircuit(m);
    if (file == "machine.xyce.cir") text = subcircuit(m, Dialect::xyce);
    if (file == "machine.va") text = verilog_a(m);
    if (file == "drift.cir") text = drift_bench(m, plan.points);
    if (file == "admittance.cir") text = admittance_bench(m);
    if (file == "noise.cir") text = noise_bench(m, plan.pairs, plan.from_hertz, plan.to_hertz);
    if (file == "path.cir") text = path_bench(m, plan.eta, plan.path_interval, {});
    if (file == "statistics.cir") text = statistics_bench(m, plan.statistics);
    if (file == "README.md") text = readme(m);
    write_file_atomically(folder / file, text);
  }
}

void write_folder(const std::filesystem::path& folder, const Neurons& n) {
  std::filesystem::create_directories(folder);
  write_file_atomically(folder / "machine.json", to_json_text(n));
  write_file_atomically(folder / "machine.cir", subcircuit(n));
  write_file_atomically(folder / "sigmoid.cir", sigmoid_bench(n, sigmoid_fields(n), 200, 42));
  write_file_atomically(folder / "network.cir", network_bench(n, 5000, 42));
  write_file_atomically(folder / "README.md", readme(n));
}

Exported read_folder(const std::filesystem::path& folder) {
  const std::filesystem::path json = folder / "machine.json", netlist = folder / "machine.cir";
  const std::vector<std::byte> bytes = read_file(json, kMostNetlistBytes), text = read_file(netlist, kMostNetlistBytes);
  Exported result = parse_machine_json(as_text(bytes), json.string());
  result.subcircuit = safe_subcircuit(as_text(text), netlist.string());
  return result;
}

std::string readme(const Circuit& m) {
  std::string text = fmt::format("# {} as a circuit: {} picture, unit law {}\n\n{}\n\n", m.name, name_of(m.picture),
                                 name_of(m.law), meaning(m));
  text += "| quantity | value |\n| --- | --- |\n";
  const auto row = [&](const std::string& what, const std::string& value) {
    text += fmt::format("| {} | {} |\n", what, value);
  };
  row("units, couplings", fmt::format("{}, {}", m.units(), m.couplings.size()));
  row("elements", count_elements(subcircuit(m)));
  row("energy scale E0 = C V0^2",
      fmt::format("{} = {:.4g} k_B x 300 K", amount(m.energy_joule(), "J"), m.energy_joule() / (kBoltzmann * 300)));
  row("time scale t0, one unit of 1/mu", amount(m.t0_second, "s"));
  row("C", amount(m.C_farad, "F"));
  row("R0 = t0 / C", amount(m.R0_ohm(), "ohm"));
  if (m.picture == Picture::flux) {
    row("L0 = t0^2 / C", amount(m.L0_henry(), "H"));
    row("flux of x = 1", amount(m.flux_weber(), "Wb"));
  } else {
    row("V0", amount(m.V0_volt, "V"));
  }
  const double density = 4 * noise_intensity(m, 0);
  row("noise current of unit 0, one-sided density",
      fmt::format("{} ({})", amount(density, "A^2/Hz"), amount(std::sqrt(density), "A/sqrt(Hz)")));
  row("noise power injected at 1 kT per relaxation and unit", amount(m.kT * m.energy_joule() / m.t0_second, "W"));
  return text + "\n## What is ideal here\n\n" + limits_of(m) + "\n" + kRunning;
}

std::string readme(const Neurons& n) {
  return fmt::format(
             "# {} as stochastic neurons\n\n{} p-bits with {} couplings. Each compares tanh(I / kT) with a uniform "
             "random "
             "number that is drawn anew every {} and holds the answer, {} for 1: Gibbs' rule, a sweep per {}. Neurons "
             "sample one after the other within a sweep.\n\n"
             "- Elements: {}.\n- The comparator is ideal and the noise uniform; the tanh and the noise of a real one "
             "go "
             "into the sigmoid, which `sigmoid.cir` measures.\n- The noise is no thermal noise: kT is the ratio of "
             "fields to the range of the random numbers.\n\n",
             n.name, n.units(), n.couplings.size(), amount(n.t0_second, "s"), amount(n.V0_volt, "V"),
             amount(n.t0_second, "s"), count_elements(subcircuit(n))) +
         kRunning;
}

}  // namespace swell::spice
