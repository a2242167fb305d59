#include "swell/entropy/tape_file.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "swell/base/errors.h"
#include "swell/io/json.h"

namespace swell::entropy {

namespace {

constexpr std::string_view kMagic = "swell tape 1\n";
using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw IoError(fmt::format("{}: damaged header of a tape: {}", file, what));
}

// The values of a header, each of the kind that it has to be.
class Header {
 public:
  Header(const Json& json, const std::string& file) : json_(json), file_(file) {
    if (!json.is_object()) refuse(file, "it holds no JSON object");
  }

  std::string text(const char* key) const {
    const Json& value = at(key);
    if (!value.is_string()) wrong(key, value, "text");
    return value.get<std::string>();
  }
  bool flag(const char* key) const {
    const Json& value = at(key);
    if (!value.is_boolean()) wrong(key, value, "true or false");
    return value.get<bool>();
  }
  double number(const char* key) const {
    const Json& value = at(key);
    if (!value.is_number()) wrong(key, value, "a number");
    return value.get<double>();
  }
  uint64_t whole(const char* key, uint64_t least, uint64_t most, const std::string& allowed) const {
    const Json& value = at(key);
    if (!value.is_number_unsigned() || value.get<uint64_t>() < least || value.get<uint64_t>() > most)
      wrong(key, value, allowed);
    return value.get<uint64_t>();
  }
  [[noreturn]] void wrong(const char* key, const Json& value, const std::string& allowed) const {
    refuse(file_, fmt::format("{} is {}; {} is needed", key, shown(value), allowed));
  }

 private:
  const Json& at(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) refuse(file_, fmt::format("{} is missing", key));
    return *found;
  }
  const Json& json_;
  const std::string& file_;
};

HealthSettings health_of(const Header& header, const std::string& file) {
  HealthSettings health;
  health.bits_per_symbol = static_cast<int>(header.whole("bits_per_symbol", 1, 8, "a whole number from 1 to 8"));
  health.min_entropy = header.number("min_entropy");
  if (!(health.min_entropy > 0 && health.min_entropy <= health.bits_per_symbol))
    refuse(file, fmt::format("min_entropy is {}; more than 0 and at most {} is allowed", health.min_entropy,
                             health.bits_per_symbol));
  health.alpha = header.number("alpha");
  if (!(health.alpha > 0 && health.alpha < 1))
    refuse(file, fmt::format("alpha is {}; between 0 and 1 is allowed", health.alpha));
  return health;
}

std::string sum_of(const Header& header) {
  std::string sum = header.text("sha256");
  const bool hexadecimal = sum.size() == 64 && sum.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!sum.empty() && !hexadecimal) header.wrong("sha256", sum, "64 hexadecimal digits, or nothing,");
  return sum;
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
  if (json.is_discarded()) refuse(file, "it is not JSON");
  const Header values(json, file);
  TapeInfo info;
  info.source = values.text("source");
  info.device = values.text("device");
  info.recorded = values.text("recorded");
  info.health = health_of(values, file);
  info.symbol_per_byte = values.flag("symbol_per_byte");
  if (!info.symbol_per_byte && 8 % info.health.bits_per_symbol != 0)
    refuse(file, fmt::format("symbols of {} bits do not fill a byte, and symbol_per_byte is false",
                             info.health.bits_per_symbol));
  info.sha256 = sum_of(values);
  info.failure = values.text("failure");
  info.bytes = values.whole("bytes", 0, INT64_MAX, "a whole number, 0 or more,");
  const uint64_t there = file_size - kTapeHeader;
  if (info.sha256.empty()) {
    info.bytes = there;  // of a recording that was cut off
  } else if (info.bytes != there) {
    throw IoError(fmt::format("{}: damaged tape: its header says {} bytes, it has {}", file, info.bytes, there));
  }
  return info;
}

bool is_tape(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::ifstream in(path, std::ios::binary);
  std::string start(kMagic.size(), '\0');
  return in.read(start.data(), static_cast<std::streamsize>(start.size())) && start == kMagic;
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
