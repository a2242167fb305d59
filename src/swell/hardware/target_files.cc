#include "swell/hardware/target_files.h"

#include <fmt/format.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/model/toml_reader.h"

namespace swell::hardware {
namespace {

constexpr size_t kMostBytes = 1 << 20;

int64_t whole(TomlReader& table, std::string_view key, int64_t otherwise = 0) {
  const double value = table.number(key, static_cast<double>(otherwise));
  if (!(value >= 0 && value <= 1e9) || value != std::floor(value))
    throw InputError(fmt::format("{}: {:g} is no whole number of 0 or more", table.where(key), value));
  return static_cast<int64_t>(value);
}

void read_graph(TomlReader& table, Target& target) {
  using Graph = Target::Graph;
  const std::string kind = table.choice("kind", {"all-to-all", "king", "grid", "bipartite"}, "all-to-all");
  target.graph = kind == "king"        ? Graph::king
                 : kind == "grid"      ? Graph::grid
                 : kind == "bipartite" ? Graph::bipartite
                                       : Graph::all_to_all;
  if (target.is_grid()) {
    target.rows = whole(table, "rows");
    target.columns = whole(table, "columns");
    // What is too large is told by validate(); here only so that the product holds.
    if (target.rows <= 1'000'000 && target.columns <= 1'000'000) target.units = target.rows * target.columns;
  } else {
    target.units = whole(table, "units");
  }
  if (target.graph == Graph::bipartite) target.left = whole(table, "left");
  if (target.graph == Graph::grid) {
    const auto offsets = table.matrix("offsets");
    if (!offsets || offsets->columns != 2)
      throw InputError(
          fmt::format("{}: pairs [row, column] are needed, for example [[0, 1], [4, 1]]", table.where("offsets")));
    for (int64_t k = 0; k < offsets->rows; ++k) {
      const double r = offsets->values[2 * k], c = offsets->values[2 * k + 1];
      if (!(std::abs(r) <= 1000 && std::abs(c) <= 1000) || r != std::floor(r) || c != std::floor(c))
        throw InputError(fmt::format("{}: [{:g}, {:g}] is no pair of whole numbers from -1000 to 1000",
                                     table.where("offsets"), r, c));
      target.offsets.emplace_back(static_cast<int64_t>(r), static_cast<int64_t>(c));
    }
  }
  table.refuse_unknown_keys();
}

void read_couplings(TomlReader& table, Target& target) {
  target.bits = static_cast<int>(whole(table, "bits"));
  target.largest = table.number("largest", 0);
  const std::string sign = table.choice("sign", {"both", "positive", "negative"}, "both");
  target.sign = sign == "positive" ? 1 : sign == "negative" ? -1 : 0;
  target.dominant = table.flag("dominant", false);
  table.refuse_unknown_keys();
}

void read_units(TomlReader& table, Target& target) {
  using Law = Target::Law;
  const std::string law = table.choice("law", {"p-bit", "linear", "quartic", "any"}, "any");
  target.law = law == "p-bit"     ? Law::p_bit
               : law == "linear"  ? Law::linear
               : law == "quartic" ? Law::quartic
                                  : Law::any_unit;
  target.biased = table.flag("bias", true);
  target.bias_bits = static_cast<int>(whole(table, "bias_bits"));
  table.refuse_unknown_keys();
}

void read_noise(TomlReader& table, Target& target) {
  target.least_kT = table.number("least_kT", 0);
  target.most_kT = table.number("most_kT", 0);
  table.refuse_unknown_keys();
}

void read_readout(TomlReader& table, Target& target) {
  target.readout_bits = static_cast<int>(whole(table, "bits"));
  table.refuse_unknown_keys();
}

}  // namespace

Target parse_target(std::string_view text, const std::string& name) {
  const toml::table parsed = parse_toml(text, name);
  TomlReader reader(parsed, name, "");
  Target target;
  target.name = reader.text("name", "chip");
  target.description = reader.text("description", "");
  target.source = reader.text("source", "");
  target.unpublished = reader.text("unpublished", "");
  auto graph = reader.table("graph");
  if (!graph) throw InputError(fmt::format("{}: a target needs a table [graph]", name));
  read_graph(*graph, target);
  using Read = void (*)(TomlReader&, Target&);
  for (const auto& [key, read] : {std::pair<const char*, Read>{"couplings", read_couplings},
                                  {"units", read_units},
                                  {"noise", read_noise},
                                  {"readout", read_readout}}) {
    if (auto table = reader.table(key)) read(*table, target);
  }
  reader.refuse_unknown_keys();
  validate(target, name);
  return target;
}

Target read_target(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path, kMostBytes);
  return parse_target(as_text(bytes), path.string());
}

}  // namespace swell::hardware
