#include "swell/hardware/chip_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/model/toml_reader.h"

namespace swell::hardware {
namespace {

constexpr size_t kMostBytes = 1 << 20;

// A number, or a text with a unit, "1.5 %".
double scaled(TomlReader& reader, std::string_view key, double otherwise, std::string_view unit, double scale) {
  const toml::node* const node = reader.node(key);
  if (node == nullptr) return otherwise;
  if (const auto number = node->value<double>(); number && !node->is_string()) return *number;
  if (const auto text = node->value<std::string>()) {
    double value = 0;
    const char* const end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, value);
    const std::string_view rest(stop, static_cast<size_t>(end - stop));
    if (error == std::errc() && (rest == unit || rest == fmt::format(" {}", unit))) return value * scale;
  }
  throw InputError(
      fmt::format("{}: {} is no number; {:g} and \"1 {}\" are", reader.where(key), describe(*node), scale, unit));
}

double share(TomlReader& reader, std::string_view key, double otherwise) {
  return scaled(reader, key, otherwise, "%", 0.01);
}

// Of a temperature coefficient, 1/K.
double coefficient(TomlReader& reader, std::string_view key) { return scaled(reader, key, 0, "ppm", 1e-6); }

int whole(TomlReader& reader, std::string_view key) {
  const double value = reader.number(key, 0);
  if (!(value >= 0 && value <= 1000) || value != std::floor(value))
    throw InputError(fmt::format("{}: {:g} is no number of bits; 0 for any, or 2 to 24", reader.where(key), value));
  return static_cast<int>(value);
}

void read_couplings(TomlReader& table, Imperfections& spec) {
  spec.mismatch = share(table, "mismatch", 0);
  spec.asymmetry = share(table, "asymmetry", 0);
  spec.bits = whole(table, "bits");
  spec.rounding = table.choice("rounding", {"nearest", "stochastic"}, "nearest") == "nearest" ? Rounding::nearest
                                                                                              : Rounding::stochastic;
  spec.stuck = share(table, "stuck", 0);
  spec.saturation = table.number("saturation", 0);
  table.refuse_unknown_keys();
}

void read_units(TomlReader& table, Imperfections& spec) {
  spec.self_mismatch = share(table, "mismatch", 0);
  spec.capacitance = share(table, "capacitance", 0);
  spec.parasitic = share(table, "parasitic", 0);
  spec.offset = table.number("offset", 0);
  spec.leakage = table.number("leakage", 0);
  table.refuse_unknown_keys();
}

void read_noise(TomlReader& table, Imperfections& spec) {
  spec.noise_mismatch = share(table, "mismatch", 0);
  spec.correlation_time = table.number("correlation_time", 0);
  spec.flicker_corner = table.number("flicker_corner", 0);
  const double decades = table.number("flicker_decades", 4);
  spec.flicker_decades = static_cast<int>(std::clamp(decades, 0.0, 100.0));
  if (spec.flicker_decades != decades)
    throw InputError(
        fmt::format("{}: {:g} is no number of decades; 1 to 8 are", table.where("flicker_decades"), decades));
  spec.temperature = table.number("temperature", 1);
  spec.temperature_spread = share(table, "temperature_spread", 0);
  spec.temperature_drift = share(table, "temperature_drift", 0);
  spec.delay = table.number("delay", 0);
  table.refuse_unknown_keys();
}

void read_temperature(TomlReader& table, Imperfections& spec) {
  spec.warming = table.number("change", 0);
  spec.warming_spread = table.number("spread", 0);
  spec.coupling_coefficient = coefficient(table, "couplings");
  spec.unit_coefficient = coefficient(table, "units");
  spec.capacitance_coefficient = coefficient(table, "capacitance");
  spec.noise_coefficient = coefficient(table, "noise");
  table.refuse_unknown_keys();
}

void read_readout(TomlReader& table, Imperfections& spec) {
  spec.readout_bits = whole(table, "bits");
  spec.readout_range = table.number("range", 4);
  spec.readout_noise = table.number("noise", 0);
  spec.readout_jitter = table.number("jitter", 0);
  table.refuse_unknown_keys();
}

}  // namespace

Imperfections parse_imperfections(std::string_view text, const std::string& name) {
  const toml::table parsed = parse_toml(text, name);
  TomlReader reader(parsed, name, "");
  Imperfections spec;
  spec.name = reader.text("name", "chip");
  using Read = void (*)(TomlReader&, Imperfections&);
  for (const auto& [key, read] : {std::pair<const char*, Read>{"couplings", read_couplings},
                                  {"units", read_units},
                                  {"noise", read_noise},
                                  {"temperature", read_temperature},
                                  {"readout", read_readout}}) {
    if (auto table = reader.table(key)) read(*table, spec);
  }
  reader.refuse_unknown_keys();
  validate(spec, name);
  return spec;
}

Imperfections read_imperfections(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path, kMostBytes);
  return parse_imperfections(as_text(bytes), path.string());
}

}  // namespace swell::hardware
