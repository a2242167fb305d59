#include "swell/hardware/spice/raw_file.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <sstream>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell::spice {
namespace {

constexpr int64_t kMostVariables = 100000, kMostPoints = int64_t{1} << 32;

int64_t count_in(const std::string& text, int64_t most, const std::string& name) {
  int64_t value = 0;
  const size_t start = text.find_first_not_of(' ');
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + std::min(start, text.size()), end, value);
  if (error != std::errc() || value < 0 || value > most)
    throw IoError(fmt::format("{}: {} is no count of a raw file", name, printable(text)));
  return value;
}

}  // namespace

RawFile parse_raw(std::span<const std::byte> bytes, const std::string& name) {
  const std::string_view text = as_text(bytes);
  const size_t data = text.find("\nBinary:\n");
  if (data == std::string_view::npos) throw IoError(name + " is not a binary raw file of ngspice");
  std::istringstream head{std::string(text.substr(0, data + 1))};
  RawFile raw;
  int64_t variables = 0;
  std::vector<std::string> names;
  std::string line;
  while (std::getline(head, line)) {
    if (line.starts_with("Flags:") && line.find("complex") != std::string::npos)
      throw IoError(name + " has complex numbers; real ones are read");
    if (line.starts_with("No. Variables:")) variables = count_in(line.substr(14), kMostVariables, name);
    if (line.starts_with("No. Points:")) raw.points = count_in(line.substr(11), kMostPoints, name);
    if (line[0] == '\t') {
      std::istringstream words(line);
      std::string number, variable;
      words >> number >> variable;
      names.push_back(variable);
    }
  }
  const size_t start = data + 9;
  if (variables == 0 || static_cast<int64_t>(names.size()) != variables ||
      (bytes.size() - start) / sizeof(double) / static_cast<size_t>(variables) < static_cast<size_t>(raw.points))
    throw IoError(fmt::format("{} is cut short or not what its head says", name));
  for (int64_t v = 0; v < variables; ++v) {
    std::vector<double>& values = raw.vectors[names[v]];
    values.resize(raw.points);
    for (int64_t p = 0; p < raw.points; ++p)
      values[p] = load<double>(bytes.data() + start + (p * variables + v) * sizeof(double), std::endian::little);
  }
  return raw;
}

std::vector<std::vector<double>> parse_columns(std::string_view text, const std::string& name) {
  std::vector<std::vector<double>> rows;
  std::istringstream lines{std::string(text)};
  std::string line;
  while (std::getline(lines, line)) {
    std::vector<double> row;
    const char* at = line.data();
    const char* const end = at + line.size();
    for (;;) {
      while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) ++at;
      if (at == end) break;
      double value = 0;
      const auto [stop, error] = std::from_chars(at, end, value);
      if (error != std::errc())
        throw IoError(
            fmt::format("{}:{}: {} is no number", name, rows.size() + 1, printable(std::string_view(at, end))));
      row.push_back(value);
      at = stop;
    }
    if (row.empty()) continue;
    if (!rows.empty() && row.size() != rows[0].size())
      throw IoError(
          fmt::format("{}:{}: {} numbers where {} were before", name, rows.size() + 1, row.size(), rows[0].size()));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace swell::spice
