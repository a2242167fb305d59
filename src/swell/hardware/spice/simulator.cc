#include "swell/hardware/spice/simulator.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "swell/base/errors.h"
#include "swell/base/lower_case.h"
#include "swell/hardware/spice/benches.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/run_program.h"

namespace swell::spice {
namespace {

constexpr size_t kMostBytes = size_t{4} << 30;
constexpr ProgramLimits kLimits{3600, int64_t{16} << 30, int64_t{4} << 30};

// The line of what a simulator said that tells most: the first one that speaks of an error, or else the last.
std::string reason_in(std::string_view said) {
  std::string last;
  while (!said.empty()) {
    const size_t end = said.find('\n');
    std::string line(said.substr(0, end));
    said.remove_prefix(end == std::string_view::npos ? said.size() : end + 1);
    const size_t start = line.find_first_not_of(" \t\r");
    if (start == std::string::npos) continue;
    last = line.substr(start);
    const std::string lower = lower_case(last);
    for (const char* word : {"error", "too small", "singular", "cannot", "invalid", "no such", "no convergence"}) {
      if (lower.find(word) != std::string::npos) return printable(last);
    }
  }
  return last.empty() ? "it said nothing" : printable(last);
}

}  // namespace

bool Simulator::installed() {
  const std::array<std::string, 2> words{"ngspice", "--version"};
  return run_program(words, std::filesystem::temp_directory_path(), kLimits).found;
}

Simulator::Simulator(const std::string& subcircuit) {
  if (!installed())
    throw IoError(
        "ngspice is not installed, and the checks run in it: apt-get install ngspice (Debian, Ubuntu), or see "
        "ngspice.sourceforge.io");
  std::string name = (std::filesystem::temp_directory_path() / "swell-spice-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw IoError("no temporary folder for ngspice can be made at " + name);
  folder_ = name;
  write_file_atomically(folder_ / "machine.cir", subcircuit);
}

Simulator::~Simulator() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Simulator::run(const std::string& bench) {
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.path().filename() != "machine.cir") std::filesystem::remove(entry.path());
  }
  write_file_atomically(folder_ / "bench.cir", bench);
  const std::array<std::string, 4> words{"ngspice", "-n", "-b", "bench.cir"};
  const ProgramResult result = run_program(words, folder_, kLimits);
  said_ = reason_in(result.output);
  if (result.status != 0) throw IoError(fmt::format("ngspice failed (exit code {}): {}", result.status, said_));
}

std::vector<std::byte> Simulator::bytes(const std::string& file) const {
  if (!std::filesystem::exists(folder_ / file)) throw IoError(fmt::format("ngspice wrote no {}: {}", file, said_));
  return read_file(folder_ / file, kMostBytes);
}

RawFile Simulator::raw(const std::string& file) const { return parse_raw(bytes(file), file); }

std::vector<std::vector<double>> Simulator::columns(const std::string& file) const {
  const std::vector<std::byte> data = bytes(file);
  return parse_columns(as_text(data), file);
}

std::vector<std::vector<double>> Simulator::chunks(const std::string& stem, int64_t units, bool complex) const {
  std::vector<std::vector<double>> result;
  for (int64_t first = 0; first < units; first += kColumns) {
    const auto width = static_cast<size_t>(std::min(kColumns, units - first)) * (complex ? 2 : 1);
    const std::vector<std::vector<double>> rows = columns(chunk_name(stem, first));
    if (first == 0) result.resize(rows.size());
    if (rows.size() != result.size() || rows.empty() || rows[0].size() != width + 1)
      throw IoError(fmt::format("ngspice left {} incomplete: {}", chunk_name(stem, first), said_));
    for (size_t r = 0; r < rows.size(); ++r) result[r].insert(result[r].end(), rows[r].begin() + 1, rows[r].end());
  }
  return result;
}

}  // namespace swell::spice
