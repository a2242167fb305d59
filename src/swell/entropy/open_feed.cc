#include "swell/entropy/open_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>

#include "swell/base/errors.h"
#include "swell/base/quantity.h"
#include "swell/entropy/byte_sources.h"
#include "swell/entropy/tape_file.h"
#include "swell/entropy/tcp_source.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/model/toml_reader.h"

namespace swell::entropy {

namespace {

constexpr size_t kDescriptionBytes = 1 << 16;
constexpr auto kConnect = std::chrono::seconds(10);

int64_t whole(TomlReader& reader, std::string_view key, int64_t otherwise, int64_t least, int64_t most) {
  const double value = reader.number(key, static_cast<double>(otherwise));
  if (value != std::floor(value) || value < static_cast<double>(least) || value > static_cast<double>(most))
    throw InputError(
        fmt::format("{} is {:g}; a whole number from {} to {} is needed", reader.where(key), value, least, most));
  return static_cast<int64_t>(value);
}

double seconds(TomlReader& reader, std::string_view key, double otherwise) {
  const std::string text = reader.text(key, "");
  if (text.empty()) return otherwise;
  try {
    return seconds_in(text);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", reader.where(key), error.what()));
  }
}

// A name of a file in a description, from its folder.
std::string beside(const std::string& description, const std::string& name) {
  if (name.empty()) return name;
  return (std::filesystem::path(description).parent_path() / name).string();
}

bool is_plain_file(const std::string& source) {
  return source != "os" && !source.starts_with("tcp://") && !source.starts_with("http://") &&
         !source.starts_with("https://") && !source.starts_with("tape:");
}

// Throws InputError where a name begins like an address of a kind that there is not, such as htps://x.
void check_scheme(const std::string& source, const std::string& where) {
  const size_t colon = source.find(':');
  if (colon == std::string::npos || colon == 0) return;
  const std::string scheme = source.substr(0, colon);
  const bool word =
      std::ranges::all_of(scheme, [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-'; });
  const bool address = source.compare(colon, 3, "://") == 0;
  const bool known = scheme == "tcp" || scheme == "http" || scheme == "https";
  if (!word || (address ? known || scheme == "tape" : !known)) return;
  const std::string shown = source.substr(0, source.find('?'));  // what follows may be a key
  throw InputError(fmt::format(
      "{}'{}' names no source: {}; addresses begin with tcp://, https:// or http://, a tape is tape:FILE, "
      "and of a file with such a name write ./{}",
      where, shown, address ? fmt::format("there is no '{}://'", scheme) : fmt::format("after '{}:' comes //", scheme),
      shown));
}

void read_http(TomlReader& reader, const std::string& file, HttpOptions& http) {
  http.headers_file = beside(file, reader.text("headers", ""));
  http.authority_file = beside(file, reader.text("authority", ""));
  http.request_bytes = whole(reader, "request_bytes", http.request_bytes, 1, 1 << 24);
  http.every_s = seconds(reader, "every", http.every_s);
  http.field = reader.text("field", "");
  if (!http.field.empty() && http.field.front() != '/')
    throw InputError(fmt::format("{} is '{}'; a JSON pointer begins with /", reader.where("field"), http.field));
  http.attempts = static_cast<int>(whole(reader, "attempts", http.attempts, 1, 1000));
  http.timeout_s = seconds(reader, "timeout", http.timeout_s);
  reader.refuse_unknown_keys();
}

}  // namespace

Description parse_description(std::string_view text, const std::string& file) {
  const toml::table table = parse_toml(text, file);
  TomlReader reader(table, file, "");
  Description description;
  description.source = reader.text("source");
  if (description.source.ends_with(".toml"))
    throw InputError(fmt::format("{} is another description; it names a source itself", reader.where("source")));
  check_scheme(description.source, reader.where("source") + " is ");
  if (is_plain_file(description.source)) description.source = beside(file, description.source);
  if (description.source.starts_with("tape:"))
    throw InputError(
        fmt::format("{} is a tape, whose header describes it; name the tape itself", reader.where("source")));
  FeedOptions& feed = description.feed;
  feed.device = reader.text("device", "");
  feed.health.bits_per_symbol = static_cast<int>(whole(reader, "bits_per_symbol", 8, 1, 8));
  feed.symbol_per_byte = reader.flag("symbol_per_byte", false);
  feed.health.min_entropy = reader.number("min_entropy", feed.health.bits_per_symbol);
  feed.health.alpha = reader.number("alpha", feed.health.alpha);
  feed.conditioning = conditioning_named(reader.choice("conditioning", {"auto", "none", "sha256"}, "auto"));
  feed.most_wait_s = seconds(reader, "most_wait", 0);
  if (auto http = reader.table("http")) read_http(*http, file, description.http);
  reader.refuse_unknown_keys();
  return description;
}

Description describe_source(const std::string& name) {
  if (name.empty()) throw InputError("the name of a source of random bits is empty");
  check_scheme(name, "");
  Description description;
  if (name.ends_with(".toml") && is_plain_file(name)) {
    description = parse_description(as_text(read_file(name, kDescriptionBytes)), name);
  } else {
    description.source = name;
  }
  description.http.url = description.source;
  return description;
}

std::unique_ptr<Source> open_source(const Description& description) {
  const std::string& source = description.source;
  if (source == "os") return open_system_source();
  if (source.starts_with("tcp://")) return open_tcp_source(source.substr(6), kConnect);
  if (source.starts_with("http://") || source.starts_with("https://")) return open_http_source(description.http);
  if (is_tape(source))
    throw InputError(fmt::format("{} is a tape, and its header no random bits; write tape:{}", source, source));
  return open_file_source(source);
}

std::unique_ptr<Feed> open_feed(const Description& description) {
  if (description.source.starts_with("tape:"))
    return std::make_unique<Feed>(description.source.substr(5), description.feed.conditioning);
  return std::make_unique<Feed>(open_source(description), description.feed);
}

}  // namespace swell::entropy
