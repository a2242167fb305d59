#include "swell/cmd/report.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>

#include "swell/base/errors.h"
#include "swell/base/lower_case.h"
#include "swell/cmd/help.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/checksum.h"
#include "swell/model/design_files.h"
#include "swell/version.h"

namespace swell::cmd {

namespace {

using Json = nlohmann::ordered_json;

constexpr uintmax_t kMostHashed = uintmax_t{4} << 30;

// Where results go, and how: no part of what they are. Every other value that is a file, by its name in the help, is
// read.
const std::set<std::string> kLeftOut = {"help", "output", "save", "solution", "tour", "map", "checkpoint", "every"};

std::string name_of(const CLI::Option& option) {
  std::string name = option.get_lnames().empty() ? option.get_single_name() : option.get_lnames().front();
  std::ranges::replace(name, '-', '_');
  const bool capitals = name.size() > 1 && std::ranges::all_of(name, [](unsigned char c) { return !std::islower(c); });
  return capitals ? lower_case(name) : name;
}

// A number where it is one, otherwise the text.
Json scalar(const std::string& text) {
  const Json number = Json::parse(text, nullptr, false);
  return number.is_number() ? number : Json(text);
}

Json value_of(const CLI::Option& option) {
  if (!takes_value(option)) return option.count() > 0;
  const bool is_list = option.get_items_expected_max() > 1;
  if (option.count() > 0) {
    const std::vector<std::string> texts = option.results();
    if (!is_list) return scalar(texts.back());
    Json list = Json::array();
    for (const std::string& text : texts) list.push_back(scalar(text));
    return list;
  }
  const std::string usual = option.get_default_str();
  if (usual.empty() || usual == "\"\"" || usual == "[]") return nullptr;
  const Json parsed = Json::parse(usual, nullptr, false);
  return parsed.is_number() || parsed.is_array() ? parsed : Json(usual);
}

// A name, or names with colons between, as --data takes them.
void add_files(const std::string& text, std::vector<std::string>& files) {
  const auto add = [&](const std::string& name) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(name, ignored)) return false;
    if (std::ranges::find(files, name) == files.end()) files.push_back(name);
    return true;
  };
  if (add(text)) return;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(':', at), text.size());
    add(text.substr(at, end - at));
    at = end + 1;
  }
}

bool is_read(const CLI::Option& option) {
  const std::string value = value_name(option);
  return option.get_positional() || value == "FILE" || value == "IMAGES";
}

// The arrays that a design names. One that cannot be read is for the command to complain about.
void add_arrays(const std::string& name, std::vector<std::string>& files) {
  if (!name.ends_with(".toml")) return;
  try {
    constexpr size_t kMaxBytes = size_t{1} << 26;
    const auto bytes = read_file(name, kMaxBytes);
    for (const std::filesystem::path& path : files_named_in(as_text(bytes), name)) add_files(path.string(), files);
  } catch (const Error&) {
    return;
  }
}

// Null where the file is huge, or no longer there.
Json sha256_of(const std::string& name) {
  std::error_code problem;
  if (std::filesystem::file_size(name, problem) > kMostHashed || problem) return nullptr;
  std::ifstream file(name, std::ios::binary);
  std::vector<char> part(size_t{1} << 20);
  Sha256 sum;
  while (file) {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    sum.update(std::as_bytes(std::span(part.data(), static_cast<size_t>(file.gcount()))));
  }
  return file.eof() ? Json(hex(sum.digest())) : Json(nullptr);
}

}  // namespace

void Result::check(const std::string& what, bool passed, const std::string& message, const Json& figures) {
  Json entry = {{"check", what}, {"passed", passed}};
  entry.update(figures);
  if (!passed) entry["message"] = message;
  diagnostics.push_back(entry);
}

Request::Request(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = name_of(*option);
    if (option->get_group() == "Common" || kLeftOut.contains(name)) continue;
    options_[name] = value_of(*option);
    if (!is_read(*option)) continue;
    for (const std::string& text : option->results()) add_files(text, files_);
  }
  const std::vector<std::string> designs = files_;
  for (const std::string& name : designs) add_arrays(name, files_);
}

Json Request::inputs() const {
  Json inputs = options_;
  inputs["files"] = Json::array();
  for (const std::string& name : files_) inputs["files"].push_back({{"name", name}, {"sha256", sha256_of(name)}});
  return inputs;
}

Bill training_bill(double wall_s) {
  const char* why = "training runs on this computer; nothing ran as a device";
  Bill bill;
  bill.per = "machine";
  bill.results = 1;
  bill.heat_kT = bill.preparation_kT = bill.work_kT = bill.flips = Known<Estimate>::none(why);
  bill.time_s = bill.side_by_side_s = bill.readouts = bill.inputs = bill.writes = Known<double>::none(why);
  bill.wall_s = wall_s;
  bill.training_wall_s = wall_s;
  bill.engine = Known<std::string>::none(why);
  bill.host_flips = Known<double>::none(why);
  bill.digital_method = Known<std::string>::none(why);
  bill.digital_multiply_adds = bill.digital_wall_s = Known<double>::none(why);
  return bill;
}

Json make_report(const std::string& command, const Request& request, const Common& common, const Result& result,
                 double wall_s) {
  Json inputs = request.inputs();
  inputs["quick"] = common.quick;
  inputs.update(result.inputs);
  return {{"command", command},
          {"version", kVersion},
          {"seed", common.seed},
          {"threads", common.threads},
          {"inputs", inputs},
          {"result", result.result},
          {"diagnostics", result.diagnostics},
          {"bill", result.bill},
          {"references", result.references},
          {"wall_s", wall_s}};
}

}  // namespace swell::cmd
