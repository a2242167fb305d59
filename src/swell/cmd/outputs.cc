#include "swell/cmd/outputs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <system_error>

#include "swell/base/errors.h"
#include "swell/cmd/console.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"

namespace swell::cmd {

namespace {

// Asked of the file system itself: permission bits say nothing to root, or about /proc and read-only mounts.
void require_room_for_files(const std::filesystem::path& folder, const std::string& message) {
  std::string probe = (folder / ".swell-XXXXXX").string();
  const int file = mkstemp(probe.data());
  if (file < 0) throw IoError(fmt::format("{}: {}", message, std::generic_category().message(errno)));
  close(file);
  unlink(probe.c_str());
}

// The command whose report lies in the folder; empty where there is no report, "?" where it is not Swell's.
std::string owner_of(const std::filesystem::path& folder) {
  constexpr size_t kMaxBytes = size_t{1} << 30;
  const auto report = folder / "report.json";
  if (!std::filesystem::exists(report)) return "";
  const std::vector<std::byte> bytes = read_file(report, kMaxBytes);
  const auto json = nlohmann::json::parse(as_text(bytes), nullptr, false);
  return json.is_object() && json.contains("command") && json["command"].is_string() ? json["command"] : "?";
}

}  // namespace

void require_place_for_file(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (path.empty() || std::filesystem::is_directory(path))
    throw IoError(fmt::format("cannot write {}: it is a folder; a file name is needed", path.string()));
  if (!std::filesystem::is_directory(folder))
    throw IoError(fmt::format("cannot write {}: there is no folder {}", path.string(), folder.string()));
  // A device or a pipe is written in place.
  if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path)) return;
  require_room_for_files(folder, fmt::format("cannot write {}", path.string()));
}

void require_writable_file(const std::filesystem::path& path) {
  require_place_for_file(path);
  if (std::filesystem::is_regular_file(path)) say(fmt::format("the result will replace the file {}", path.string()));
}

std::filesystem::path beside_report(const std::string& json, const std::string& ending) {
  if (json.empty() || json == "-") return {};
  std::filesystem::path file = json;
  if (std::filesystem::exists(file) && !std::filesystem::is_regular_file(file)) return {};
  return file.replace_extension() += ending;
}

void require_writable_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error || !std::filesystem::is_directory(folder)) {
    throw IoError(fmt::format("cannot make the folder {}: {}", folder.string(),
                              error ? error.message() : "something else has that name"));
  }
  require_room_for_files(folder, fmt::format("the folder {} is not writable", folder.string()));
  console().folder = folder.string();
  const std::string owner = owner_of(folder);
  if (owner.empty()) return;
  const std::string what = owner == "?" ? "a report.json that Swell did not write"
                                        : fmt::format("the results of an earlier 'swell {}'", owner);
  if (owner != console().command && !console().force) {
    throw InputError(
        fmt::format("the folder {} holds {}; name another one, or replace them with --force", folder.string(), what));
  }
  say(fmt::format("the results will replace {} in {}", what, folder.string()));
}

}  // namespace swell::cmd
