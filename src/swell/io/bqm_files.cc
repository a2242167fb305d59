#include "swell/io/bqm_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/entry_lines.h"
#include "swell/io/json.h"

namespace swell {

namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(std::string_view name, const std::string& what) {
  throw IoError(fmt::format("{}: {}", name, what));
}

Json parse_json(std::string_view text, std::string_view name) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    fail(name, fmt::format("the JSON is broken at byte {}", error.byte));
  }
}

// A member of an object; fails where it is missing.
const Json& member(const Json& json, const char* key, std::string_view name) {
  if (!json.is_object() || !json.contains(key)) fail(name, fmt::format("there is no \"{}\" in the JSON", key));
  return json[key];
}

double number_of(const Json& json, std::string_view what, std::string_view name) {
  if (!json.is_number()) fail(name, fmt::format("{} is {}; a number is needed", what, shown(json)));
  const double value = json.get<double>();
  if (!std::isfinite(value) || std::abs(value) > 1e15)
    fail(name, fmt::format("{} is {}; the largest allowed is 1e15", what, value));
  return value;
}

int64_t index_of(const Json& json, int64_t size, std::string_view what, std::string_view name) {
  if (!json.is_number_integer() || json.get<int64_t>() < 0 || json.get<int64_t>() >= size)
    fail(name, fmt::format("{} is {}; allowed are whole numbers from 0 to {}", what, shown(json), size - 1));
  return json.get<int64_t>();
}

bool spins_of(const Json& json, std::string_view name) {
  if (json == "SPIN") return true;
  if (json != "BINARY") fail(name, fmt::format("the vartype is {}; allowed are SPIN and BINARY", shown(json)));
  return false;
}

const Json& list_of(const Json& json, const char* key, size_t size, std::string_view name) {
  const Json& list = member(json, key, name);
  if (!list.is_array() || list.size() != size) fail(name, fmt::format("\"{}\" is no list of {} values", key, size));
  return list;
}

// Names as JSON texts, or none where they are 0, 1, 2, ...
std::vector<std::string> labels_of(const Json& list, int64_t size, std::string_view name) {
  if (!list.is_array() || static_cast<int64_t>(list.size()) != size)
    fail(name, fmt::format("the names of variables are no list of {}", size));
  std::vector<std::string> labels;
  bool numbered = true;
  for (const Json& label : list) {
    numbered = numbered && label.is_number_integer() && label == labels.size();
    labels.push_back(label.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  if (numbered) return {};
  std::vector<std::string> sorted = labels;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end()) fail(name, fmt::format("two variables are named {}", printable(*twice)));
  return labels;
}

// Adds value x_i x_j, kept as one entry a pair.
class Sums {
 public:
  void add(Quadratic& model, int64_t i, int64_t j, double value) {
    if (i > j) std::swap(i, j);
    const auto [at, is_new] = places_.try_emplace(i * model.size + j, model.entries.size());
    if (is_new) {
      model.entries.push_back({i, j, value});
    } else {
      model.entries[at->second].value += value;
    }
  }

 private:
  std::unordered_map<int64_t, size_t> places_;
};

// Bytes taken from the front, with checks.
class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  std::span<const std::byte> take(size_t count) {
    if (count > bytes_.size()) fail(name_, fmt::format("cut short: {} bytes are missing", count - bytes_.size()));
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }
  template <class T>
  T value() {
    return load<T>(take(sizeof(T)).data(), std::endian::little);
  }
  size_t left() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  std::string_view name_;
};

// How numbers of one of numpy's types lie in the file.
struct NumberType {
  size_t bytes;
  std::function<double(Cursor&)> read;
};
NumberType bias_type(const Json& json, std::string_view name) {
  if (json == "float64") return {8, [](Cursor& c) { return c.value<double>(); }};
  if (json == "float32") return {4, [](Cursor& c) { return static_cast<double>(c.value<float>()); }};
  fail(name, fmt::format("biases are {}; allowed are float32 and float64", shown(json)));
}

struct IndexType {
  size_t bytes;
  std::function<int64_t(Cursor&)> read;
};
IndexType index_type(const Json& json, std::string_view name) {
  if (json == "int8" || json == "uint8") return {1, [](Cursor& c) { return int64_t{c.value<uint8_t>()}; }};
  if (json == "int16" || json == "uint16") return {2, [](Cursor& c) { return int64_t{c.value<uint16_t>()}; }};
  if (json == "int32" || json == "uint32") return {4, [](Cursor& c) { return int64_t{c.value<uint32_t>()}; }};
  if (json == "int64" || json == "uint64") return {8, [](Cursor& c) { return c.value<int64_t>(); }};
  fail(name, fmt::format("indices are {}; whole numbers of 8 to 64 bits are allowed", shown(json)));
}

double addable_bias(double value, std::string_view name) {
  if (!(std::abs(value) <= 1e15)) fail(name, fmt::format("a bias is {}; the largest allowed is 1e15", value));
  return value;
}

std::vector<std::string> read_label_section(Cursor& cursor, int64_t size, std::string_view name) {
  if (as_text(cursor.take(4)) != "VARS") fail(name, "the names of variables are missing");
  const auto length = cursor.value<uint32_t>();
  return labels_of(parse_json(as_text(cursor.take(length)), name), size, name);
}

}  // namespace

Quadratic parse_bqm_json(std::span<const std::byte> bytes, std::string_view name) {
  const Json json = parse_json(as_text(bytes), name);
  if (json.is_object() && json.contains("use_bytes") && json["use_bytes"] == true)
    fail(name, "the numbers are bytes; to_serializable(use_bytes=False) writes lists");
  const Json& linear = member(json, "linear_biases", name);
  if (!linear.is_array()) fail(name, "\"linear_biases\" is no list");
  Quadratic model;
  model.size = static_cast<int64_t>(linear.size());
  if (model.size < 1) fail(name, "the model has no variables");
  model.spins = spins_of(member(json, "variable_type", name), name);
  model.offset = number_of(member(json, "offset", name), "the offset", name);
  model.labels = labels_of(member(json, "variable_labels", name), model.size, name);
  Sums sums;
  for (int64_t i = 0; i < model.size; ++i) sums.add(model, i, i, number_of(linear[i], "a linear bias", name));
  const Json& biases = member(json, "quadratic_biases", name);
  const Json &heads = list_of(json, "quadratic_head", biases.size(), name),
             &tails = list_of(json, "quadratic_tail", biases.size(), name);
  for (size_t k = 0; k < biases.size(); ++k) {
    const int64_t i = index_of(heads[k], model.size, "an index", name),
                  j = index_of(tails[k], model.size, "an index", name);
    if (i == j) fail(name, fmt::format("variable {} is coupled to itself", i));
    sums.add(model, i, j, number_of(biases.at(k), "a quadratic bias", name));
  }
  return model;
}

Quadratic parse_bqm_binary(std::span<const std::byte> bytes, std::string_view name) {
  Cursor cursor(bytes, name);
  if (as_text(cursor.take(8)) != "DIMODBQM")
    fail(name, "this is no BQM file; it begins with other bytes than DIMODBQM");
  const auto version = cursor.value<uint8_t>();
  cursor.take(1);
  if (version != 1 && version != 2) fail(name, fmt::format("BQM version {}; allowed are 1 and 2", version));
  const auto length = cursor.value<uint32_t>();
  const Json header = parse_json(as_text(cursor.take(length)), name);
  const Json& shape = list_of(header, "shape", 2, name);
  Quadratic model;
  model.size = index_of(shape[0], kMostEntries, "the number of variables", name);
  const int64_t couplings = index_of(shape[1], kMostEntries, "the number of interactions", name);
  if (model.size < 1) fail(name, "the model has no variables");
  model.spins = spins_of(member(header, "vartype", name), name);
  const NumberType bias = bias_type(member(header, "dtype", name), name);
  const IndexType index = index_type(member(header, "itype", name), name),
                  place = index_type(member(header, "ntype", name), name);
  model.offset = addable_bias(bias.read(cursor), name);
  const uint64_t body = static_cast<uint64_t>(model.size) * (place.bytes + bias.bytes) +
                        2 * static_cast<uint64_t>(couplings) * (index.bytes + bias.bytes);
  if (body > cursor.left()) fail(name, fmt::format("cut short: {} of {} bytes", cursor.left(), body));
  std::vector<int64_t> starts;
  for (int64_t i = 0; i < model.size; ++i) {
    starts.push_back(place.read(cursor));
    const double value = addable_bias(bias.read(cursor), name);
    if (value != 0) model.entries.push_back({i, i, value});
  }
  starts.push_back(2 * couplings);
  for (int64_t i = 0; i < model.size; ++i) {
    if (starts[i + 1] < starts[i] || starts[0] != 0 || starts[i + 1] > 2 * couplings)
      fail(name, fmt::format("the neighbourhood of variable {} begins behind its end", i));
    int64_t last = -1;
    for (int64_t k = starts[i]; k < starts[i + 1]; ++k) {
      const int64_t j = index.read(cursor);
      const double value = addable_bias(bias.read(cursor), name);
      if (j < 0 || j >= model.size || j == i || j <= last)
        fail(name, fmt::format("variable {} has the neighbours {} and {}; each once in ascending order is allowed", i,
                               last, j));
      last = j;
      if (j < i) model.entries.push_back({j, i, value});
    }
  }
  const Json& variables = member(header, "variables", name);
  if (version == 1) {
    model.labels = labels_of(variables, model.size, name);
  } else if (variables == true) {
    model.labels = read_label_section(cursor, model.size, name);
  }
  return model;
}

Quadratic parse_bqpjson(std::span<const std::byte> bytes, std::string_view name) {
  const Json json = parse_json(as_text(bytes), name);
  const Json &domain = member(json, "variable_domain", name), &ids = member(json, "variable_ids", name);
  if (domain != "spin" && domain != "boolean")
    fail(name, fmt::format("\"variable_domain\" is {}; allowed are spin and boolean", shown(domain)));
  if (!ids.is_array() || ids.empty()) fail(name, "\"variable_ids\" is no list of numbers");
  Quadratic model;
  model.spins = domain == "spin";
  model.size = static_cast<int64_t>(ids.size());
  model.labels = labels_of(ids, model.size, name);
  std::unordered_map<int64_t, int64_t> numbers;
  for (const Json& id : ids) numbers.emplace(index_of(id, int64_t{1} << 62, "a variable", name), numbers.size());
  const auto number = [&](const Json& term, const char* key) {
    const auto found = numbers.find(index_of(member(term, key, name), int64_t{1} << 62, "a variable", name));
    if (found == numbers.end()) fail(name, fmt::format("variable {} is not in \"variable_ids\"", term[key].dump()));
    return found->second;
  };
  const double scale = number_of(member(json, "scale", name), "the scale", name);
  const auto scaled = [&](const Json& value) { return addable_bias(scale * number_of(value, "a term", name), name); };
  model.offset = scaled(member(json, "offset", name));
  Sums sums;
  for (const Json& term : member(json, "linear_terms", name)) {
    const int64_t i = number(term, "id");
    sums.add(model, i, i, scaled(member(term, "coeff", name)));
  }
  for (const Json& term : member(json, "quadratic_terms", name)) {
    const int64_t i = number(term, "id_tail"), j = number(term, "id_head");
    if (i == j) fail(name, fmt::format("variable {} is coupled to itself", i));
    sums.add(model, i, j, scaled(member(term, "coeff", name)));
  }
  return model;
}

}  // namespace swell
