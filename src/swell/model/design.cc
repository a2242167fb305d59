#include "swell/model/design.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/model/design_files.h"
#include "swell/model/sparse.h"
#include "swell/model/toml_reader.h"

namespace swell {

namespace {

constexpr int64_t kMaxUnits = 100000000;

void check_name(TomlReader& reader, std::string_view key, const std::string& name) {
  const bool good = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-';
  });
  if (!good) {
    throw InputError(
        fmt::format("{} is '{}'; a name of 1 to 64 letters, digits, '-' and '_' is needed", reader.where(key), name));
  }
}

void read_group(TomlReader reader, Design& design) {
  Computer& computer = design.computer;
  Group group;
  group.name = reader.text("name");
  check_name(reader, "name", group.name);
  if (find_group(computer, group.name) >= 0) {
    throw InputError(
        fmt::format("{} is '{}' a second time; group names must differ", reader.where("name"), group.name));
  }
  group.shape = reader.extents("shape");
  group.first = computer.units();
  group.size = 1;
  for (const int64_t extent : group.shape) group.size *= extent;
  if (group.first + group.size > kMaxUnits) {
    throw InputError(fmt::format("{} brings the design to {} units; at most 1e8 are allowed", reader.where("shape"),
                                 group.first + group.size));
  }
  const double J2 = reader.number("J2", 0.0), J3 = reader.number("J3", 0.0), J4 = reader.number("J4", 0.0);
  const double mobility = reader.number("mobility", 1.0);
  const std::string pattern =
      reader.choice("pattern", {"none", "zeros", "ones", "data", "repeat", "label", "projection"}, "none");
  reader.refuse_unknown_keys();
  computer.J2.insert(computer.J2.end(), group.size, J2);
  computer.J3.insert(computer.J3.end(), group.size, J3);
  computer.J4.insert(computer.J4.end(), group.size, J4);
  computer.mobility.insert(computer.mobility.end(), group.size, mobility);
  computer.groups.push_back(std::move(group));
  design.patterns.push_back(pattern == "zeros"        ? PatternMap::zeros
                            : pattern == "ones"       ? PatternMap::ones
                            : pattern == "data"       ? PatternMap::data
                            : pattern == "repeat"     ? PatternMap::repeat
                            : pattern == "label"      ? PatternMap::label
                            : pattern == "projection" ? PatternMap::projection
                                                      : PatternMap::none);
}

CouplingSet& set_named(TomlReader& reader, Computer& computer) {
  const std::string name = reader.text("set", "learned");
  check_name(reader, "set", name);
  if (name == "none") {
    throw InputError(
        fmt::format("{} is 'none', which stands for no couplings; another name is needed", reader.where("set")));
  }
  int number = find_set(computer, name);
  if (number < 0) {
    number = static_cast<int>(computer.sets.size());
    computer.sets.push_back(
        {name, {}, std::vector<double>(computer.units(), 0.0), std::vector<char>(computer.groups.size(), 0)});
  }
  return computer.sets[number];
}

DenseWeights read_dense(TomlReader& reader, int64_t rows, int64_t columns, const std::vector<std::string>& between) {
  const auto values = reader.matrix("values");
  if (values && (values->rows != rows || values->columns != columns)) {
    throw InputError(fmt::format("{} is {} x {}; {} x {} ('{}' x '{}') is needed", reader.where("values"), values->rows,
                                 values->columns, rows, columns, between[0], between[1]));
  }
  if (!values && static_cast<double>(rows) * static_cast<double>(columns) > 2e9) {
    throw InputError(fmt::format("{} asks for {} x {} dense couplings; at most 2e9 are allowed",
                                 reader.where("between"), rows, columns));
  }
  return {values ? values->values : std::vector<double>(rows * columns, 0.0)};
}

std::vector<Edge> read_edges(TomlReader& reader) {
  const auto list = reader.matrix("edges");
  if (!list || list->columns != 3) {
    throw InputError(fmt::format("{} needs rows of three numbers, [[unit, unit, J], ...]", reader.where("edges")));
  }
  std::vector<Edge> edges;
  for (int64_t k = 0; k < list->rows; ++k) {
    const double *row = list->values.data() + 3 * k, bound = 1e15;
    if (row[0] != std::floor(row[0]) || row[1] != std::floor(row[1]) || std::abs(row[0]) > bound ||
        std::abs(row[1]) > bound) {
      throw InputError(
          fmt::format("{} couples units {} and {}; whole numbers are needed", reader.where("edges"), row[0], row[1]));
    }
    edges.push_back({static_cast<int64_t>(row[0]), static_cast<int64_t>(row[1]), row[2]});
  }
  return edges;
}

struct LatticeCouplings {
  std::vector<std::vector<int64_t>> distances;
  bool periodic = true;
  double value = 0;
};

LatticeCouplings read_lattice(TomlReader& reader, const Computer& computer, const CouplingBlock& block) {
  if (block.row_group != block.column_group)
    throw InputError(fmt::format("{} couples units of one group; 'between' names two", reader.where("lattice")));
  const auto list = reader.matrix("lattice");
  const auto& shape = computer.groups[block.row_group].shape;
  if (!list || list->rows == 0 || list->columns != static_cast<int64_t>(shape.size())) {
    throw InputError(fmt::format("{} needs distances of {} steps, one along each extent of '{}'",
                                 reader.where("lattice"), shape.size(), computer.groups[block.row_group].name));
  }
  LatticeCouplings result;
  result.distances.resize(list->rows);
  for (size_t k = 0; k < list->values.size(); ++k) {
    const double step = list->values[k];
    if (step != std::floor(step) || std::abs(step) > 1e9)
      throw InputError(fmt::format("{} has a step of {}; whole numbers are needed", reader.where("lattice"), step));
    result.distances[k / list->columns].push_back(static_cast<int64_t>(step));
  }
  result.periodic = reader.flag("periodic", true);
  result.value = reader.number("value", 0.0);
  return result;
}

// edges = [[unit, unit, J], ...], or lattice = [[steps along each extent], ...] with value = J and periodic.
SparseWeights read_sparse(TomlReader& reader, const Computer& computer, const CouplingBlock& block) {
  const char* key = reader.node("edges") ? "edges" : "lattice";
  const LatticeCouplings lattice = reader.node("edges") ? LatticeCouplings{} : read_lattice(reader, computer, block);
  std::vector<Edge> edges = reader.node("edges") ? read_edges(reader) : std::vector<Edge>{};
  const Group &rows = computer.groups[block.row_group], &columns = computer.groups[block.column_group];
  try {
    if (!reader.node("edges")) edges = lattice_edges(rows.shape, lattice.distances, lattice.periodic, lattice.value);
    return sparse_from_edges(rows.size, columns.size, block.row_group == block.column_group, std::move(edges));
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", reader.where(key), error.what()));
  }
}

// file = "J.npy": from the arrays, with the place of the key before whatever is wrong with them.
template <typename Read>
auto read_file_of(TomlReader& reader, const Read& read) {
  const std::string file = reader.text("file");
  try {
    return read(file);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", reader.where("file"), error.what()));
  } catch (const IoError& error) {
    throw IoError(fmt::format("{}: {}", reader.where("file"), error.what()));
  }
}

// A file stands for the numbers that would be written down otherwise.
void refuse_beside_file(TomlReader& reader, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (!reader.node(key)) continue;
    throw InputError(
        fmt::format("{} stands beside 'file'; one of the two says what the numbers are", reader.where(key)));
  }
}

void read_coupling(TomlReader reader, Computer& computer, const DesignArrays& arrays) {
  CouplingSet& set = set_named(reader, computer);
  const auto between = reader.texts("between", 2);
  CouplingBlock block;
  block.row_group = require_group(reader, computer, "between", between[0]);
  block.column_group = require_group(reader, computer, "between", between[1]);
  for (const CouplingBlock& other : set.blocks) {
    const auto pair = std::minmax(block.row_group, block.column_group);
    if (std::minmax(other.row_group, other.column_group) == pair) {
      throw InputError(
          fmt::format("{} couples '{}' and '{}' a second time in set '{}'; each pair of groups may stand once",
                      reader.where("between"), between[0], between[1], set.name));
    }
  }
  const int64_t rows = computer.groups[block.row_group].size, columns = computer.groups[block.column_group].size;
  const bool sparse = reader.node("edges") || reader.node("lattice");
  if (reader.node("file")) {
    refuse_beside_file(reader, {"values", "edges", "lattice"});
    block.weights = read_file_of(reader, [&](const std::string& file) {
      return arrays.couplings(file, set.name, computer.groups[block.row_group], computer.groups[block.column_group],
                              block.row_group == block.column_group);
    });
    reader.refuse_unknown_keys();
    set.blocks.push_back(std::move(block));
    return;
  }
  block.weights = sparse ? CouplingWeights(read_sparse(reader, computer, block))
                         : CouplingWeights(read_dense(reader, rows, columns, between));
  reader.refuse_unknown_keys();
  set.blocks.push_back(std::move(block));
}

void read_bias(TomlReader reader, Computer& computer, const DesignArrays& arrays) {
  CouplingSet& set = set_named(reader, computer);
  const int group = require_group(reader, computer, "group", reader.text("group"));
  const Group& units = computer.groups[group];
  set.biased[group] = 1;
  if (reader.node("file")) {
    refuse_beside_file(reader, {"values"});
    const std::vector<double> values =
        read_file_of(reader, [&](const std::string& file) { return arrays.biases(file, set.name, units); });
    std::copy(values.begin(), values.end(), set.bias.begin() + units.first);
  }
  if (const auto values = reader.matrix("values")) {
    if (values->rows != 1 || values->columns != units.size) {
      throw InputError(fmt::format("{} has {} values; {} (the units of '{}') are needed", reader.where("values"),
                                   values->values.size(), units.size, units.name));
    }
    std::copy(values->values.begin(), values->values.end(), set.bias.begin() + units.first);
  }
  reader.refuse_unknown_keys();
}

// A number (constant) or a list of knots [[fraction, value], ...].
Schedule read_schedule(TomlReader& reader, std::string_view key) {
  const toml::node* node = reader.node(key);
  if (node && node->is_number()) return {{{0.0, reader.number(key)}}};
  const auto knots = reader.matrix(key);
  if (!knots || knots->columns != 2 || !node->as_array()->front().is_array()) {
    throw InputError(fmt::format("{} is {}; a number or knots [[fraction, value], ...] are needed", reader.where(key),
                                 node ? describe(*node) : "missing"));
  }
  Schedule schedule;
  for (int64_t k = 0; k < knots->rows; ++k) schedule.knots.push_back({knots->values[2 * k], knots->values[2 * k + 1]});
  return schedule;
}

Segment read_segment(TomlReader reader, const Computer& computer) {
  Segment segment;
  segment.name = reader.text("name", "segment");
  segment.duration = reader.number("duration");
  const std::string set = reader.text("couplings", "none");
  segment.couplings = set == "none" ? kNoCouplings : find_set(computer, set);
  if (set != "none" && segment.couplings < 0) {
    std::string known = "'none'";
    for (const CouplingSet& s : computer.sets) known += ", '" + s.name + "'";
    throw InputError(fmt::format("{} is '{}'; allowed is {}", reader.where("couplings"), set, known));
  }
  segment.drive.resize(computer.groups.size());
  segment.clamped.assign(computer.groups.size(), 0);
  if (auto drive = reader.table("drive")) {
    for (const std::string& name : drive->keys()) {
      segment.drive[require_group(*drive, computer, name, name)] = read_schedule(*drive, name);
    }
  }
  if (const toml::node* clamp = reader.node("clamp")) {
    const size_t count = clamp->is_array() ? clamp->as_array()->size() : 1;
    for (const std::string& name : reader.texts("clamp", count)) {
      segment.clamped[require_group(reader, computer, "clamp", name)] = 1;
    }
  }
  segment.kT = reader.node("kT") ? read_schedule(reader, "kT") : Schedule{{{0.0, computer.kT}}};
  reader.leave("learned");
  reader.refuse_unknown_keys();
  return segment;
}

void read_protocols(TomlReader& reader, Design& design) {
  auto protocols = reader.table("protocol");
  if (!protocols) return;
  for (const std::string& name : protocols->keys()) {
    Protocol protocol{name, {}};
    for (TomlReader& segment : protocols->tables(name)) {
      protocol.segments.push_back(read_segment(segment, design.computer));
    }
    design.protocols.push_back(std::move(protocol));
  }
}

void check_durations(const Protocol& protocol, double dt, const std::string& file) {
  try {
    count_steps(protocol, dt);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: protocol '{}', {}", file, protocol.name, error.what()));
  }
}

Design read_tables(const toml::table& root, std::string_view text, const std::string& file,
                   const DesignArrays& arrays) {
  TomlReader reader(root, file, "");
  Design design;
  design.text = text;
  design.file = file;
  design.name = reader.text("name");
  design.description = reader.text("description", "");
  design.dt = reader.number("dt");
  design.computer.kT = reader.number("kT");
  design.integrator =
      reader.choice("integrator", {"euler-maruyama", "leimkuhler-matthews"}, "euler-maruyama") == "euler-maruyama"
          ? Integrator::euler_maruyama
          : Integrator::leimkuhler_matthews;
  if (!(design.dt > 0))
    throw InputError(fmt::format("{} is {}; a positive step is needed", reader.where("dt"), design.dt));
  if (!(design.computer.kT >= 0)) {
    throw InputError(fmt::format("{} is {}; zero or more is needed", reader.where("kT"), design.computer.kT));
  }
  for (TomlReader& group : reader.tables("group")) read_group(group, design);
  for (TomlReader& coupling : reader.tables("coupling")) read_coupling(coupling, design.computer, arrays);
  for (TomlReader& bias : reader.tables("bias")) read_bias(bias, design.computer, arrays);
  if (auto stages = reader.table("stages")) {
    if (!design.computer.sets.empty())
      throw InputError(
          fmt::format("{} stands beside [[coupling]] or [[bias]]; the couplings of a machine of stages follow "
                      "from the table",
                      reader.where("stages")));
    design.stages = read_stages(*stages, design.computer, design.dt);
    add_stages(*design.stages, design.computer, design.protocols);
  }
  read_protocols(reader, design);
  reader.leave("neural");
  reader.refuse_unknown_keys();
  validate(design.computer, file);
  for (const Protocol& protocol : design.protocols) {
    validate(protocol, design.computer, file);
    check_durations(protocol, design.dt, file);
  }
  return design;
}

}  // namespace

int require_group(TomlReader& reader, const Computer& computer, std::string_view key, const std::string& name) {
  const int group = find_group(computer, name);
  if (group >= 0) return group;
  std::string known;
  for (const Group& g : computer.groups) known += (known.empty() ? "'" : ", '") + g.name + "'";
  throw InputError(fmt::format("{} names the group '{}'; the design has {}", reader.where(key), name, known));
}

void set_step(Design& design, double dt) {
  if (!(dt > 0)) throw InputError(fmt::format("the step dt is {}; a positive one is needed", dt));
  for (Protocol& protocol : design.protocols) {
    for (Segment& segment : protocol.segments) {
      if (design.stages) segment.duration = std::max(1.0, std::round(segment.duration / dt)) * dt;
    }
    check_durations(protocol, dt, design.file);
  }
  design.dt = dt;
}

Design parse_design(std::string_view text, std::string_view name) {
  return parse_design(text, name, arrays_in_folder("."));
}

Design parse_design(std::string_view text, std::string_view name, const DesignArrays& arrays) {
  const std::string file(name);
  return read_tables(parse_toml(text, file), text, file, arrays);
}

std::vector<std::filesystem::path> files_named_in(std::string_view text, const std::string& name) {
  const toml::table root = parse_toml(text, name);
  std::vector<std::filesystem::path> files;
  for (const char* key : {"coupling", "bias"}) {
    const toml::array* tables = root.get_as<toml::array>(key);
    for (size_t k = 0; tables && k < tables->size(); ++k) {
      const toml::table* table = tables->get(k)->as_table();
      const auto file = table ? (*table)["file"].value<std::string>() : std::nullopt;
      if (!file) continue;
      const std::filesystem::path path = std::filesystem::path(name).parent_path() / *file;
      if (std::ranges::find(files, path) == files.end()) files.push_back(path);
    }
  }
  return files;
}

bool names_files(const Design& design) { return !files_named_in(design.text, design.file).empty(); }

bool has_table(const Design& design, std::string_view name) {
  return parse_toml(design.text, design.file).get_as<toml::table>(name) != nullptr;
}

const Protocol& find_protocol(const Design& design, std::string_view name) {
  for (const Protocol& protocol : design.protocols) {
    if (protocol.name == name) return protocol;
  }
  std::vector<std::string> names;
  for (const Protocol& protocol : design.protocols) names.push_back(protocol.name);
  throw InputError(fmt::format("design '{}' has no protocol '{}', only {}; [[protocol.{}]] segments are needed",
                               design.name, name, names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")),
                               name));
}

int label_group(const Design& design) {
  const auto found = std::ranges::find(design.patterns, PatternMap::label);
  return found == design.patterns.end() ? -1 : static_cast<int>(found - design.patterns.begin());
}

int64_t count_classes(const Design& design) {
  const int label = label_group(design);
  return label < 0 ? 0 : design.computer.groups[label].shape[0];
}

int data_group(const Design& design) {
  for (size_t g = 0; g < design.patterns.size(); ++g) {
    if (design.patterns[g] == PatternMap::data) return static_cast<int>(g);
  }
  throw InputError(fmt::format("design '{}' has no group with pattern = \"data\"; one is needed", design.name));
}

}  // namespace swell
