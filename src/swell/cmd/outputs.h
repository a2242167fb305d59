#pragma once

#include <filesystem>
#include <string>

namespace swell::cmd {

// Throws IoError where a file cannot be written at this path: asked before long work, so that none is lost. Says
// where a file is going to be replaced.
void require_writable_file(const std::filesystem::path& path);
// The same for a folder of results. Throws InputError where it holds those of another command, by its report.json, and
// --force is not given.
void require_writable_folder(const std::filesystem::path& folder);

// Throws IoError where no file can be written at this path; for files that a run goes on from.
void require_place_for_file(const std::filesystem::path& path);

// What is too large for a report lies beside it: FILE.json with this ending in place of its own. Empty where the report
// goes to no file (`json` is empty, "-", or a device).
std::filesystem::path beside_report(const std::string& json, const std::string& ending);

}  // namespace swell::cmd
