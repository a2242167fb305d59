#include "swell/entropy/tape_file.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell::entropy {

namespace {

constexpr std::string_view kMagic = "swell tape 1\n";
using Json = nlohmann::ordered_json;

HealthSettings checked(const std::string& file, const HealthSettings& health) {
  const auto refuse = [&](const std::string& what) {
    throw IoError(fmt::format("{}: damaged header of a tape: {}", file, what));
  };
  if (health.bits_per_symbol < 1 || health.bits_per_symbol > 8)
    refuse(fmt::format("bits_per_symbol is {}; 1 to 8 are allowed", health.bits_per_symbol));
  if (!(health.min_entropy > 0 && health.min_entropy <= health.bits_per_symbol))
    refuse(fmt::format("min_entropy is {}; more than 0 and at most {} is allowed", health.min_entropy,
                       health.bits_per_symbol));
  if (!(health.alpha > 0 && health.alpha < 1))
    refuse(fmt::format("alpha is {}; between 0 and 1 is allowed", health.alpha));
  return health;
}

}  // namespace

double min_entropy_per_byte(const HealthSettings& health, bool symbol_per_byte) {
  return symbol_per_byte ? health.min_entropy : 8 * health.min_entropy / health.bits_per_symbol;
}

bool is_full(const HealthSettings& health, bool symbol_per_byte) {
  return min_entropy_per_byte(health, symbol_per_byte) >= 8;
}

TapeInfo parse_tape_header(std::string_view header, uint64_t file_size, const std::string& file) {
  if (header.size() < kTapeHeader || file_size < kTapeHeader || !header.starts_with(kMagic)) {
    throw IoError(fmt::format("{} is not a tape; 'swell entropy record' makes one of plain bytes", file));
  }
  const Json json = Json::parse(header.substr(kMagic.size(), kTapeHeader - kMagic.size()), nullptr, false);
  TapeInfo info;
  try {
    info.source = json.at("source");
    info.device = json.at("device");
    info.recorded = json.at("recorded");
    info.health = checked(file, {json.at("bits_per_symbol"), json.at("min_entropy"), json.at("alpha")});
    info.symbol_per_byte = json.at("symbol_per_byte");
    info.sha256 = json.at("sha256");
    info.failure = json.at("failure");
    info.bytes = json.at("bytes");
  } catch (const Json::exception&) {
    throw IoError(fmt::format("{}: damaged header of a tape", file));
  }
  const uint64_t there = file_size - kTapeHeader;
  if (info.sha256.empty()) {
    info.bytes = there;  // of a recording that was cut off
  } else if (info.bytes != there) {
    throw IoError(fmt::format("{}: damaged tape: its header says {} bytes, it has {}", file, info.bytes, there));
  }
  return info;
}

TapeInfo read_tape_info(const std::filesystem::path& path) {
  const std::string file = path.string();
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw IoError(fmt::format("{} is a folder, not a tape", file));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw IoError(fmt::format("cannot read {}", file));
  std::string header(kTapeHeader, '\0');
  in.read(header.data(), static_cast<std::streamsize>(kTapeHeader));
  header.resize(static_cast<size_t>(in.gcount()));
  const auto size = std::filesystem::file_size(path, error);
  return parse_tape_header(header, error ? 0 : size, file);
}

std::string tape_header(const TapeInfo& info) {
  const Json json = {{"source", info.source},
                     {"device", info.device},
                     {"recorded", info.recorded},
                     {"bits_per_symbol", info.health.bits_per_symbol},
                     {"min_entropy", info.health.min_entropy},
                     {"alpha", info.health.alpha},
                     {"symbol_per_byte", info.symbol_per_byte},
                     {"bytes", info.bytes},
                     {"sha256", info.sha256},
                     {"failure", info.failure}};
  std::string header = std::string(kMagic) + json.dump(1, ' ', false, Json::error_handler_t::replace);
  if (header.size() >= kTapeHeader)
    throw InputError(fmt::format("the description of the source takes {} bytes; a tape has room for {}", header.size(),
                                 kTapeHeader - 1));
  header.resize(kTapeHeader - 1, ' ');
  return header + '\n';
}

}  // namespace swell::entropy
