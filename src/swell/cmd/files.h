#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace swell::cmd {

// A file that a command writes into its folder, or where an option says.
struct OutputFile {
  std::string commands;  // as typed behind "swell", with commas between
  std::string name;      // in the folder; what stands for it on the command line, such as --tour, where that names it
  std::string type;      // float32, float64, JSON, ...
  std::vector<std::string> axes;     // of an array, the slowest first
  std::vector<std::string> columns;  // along the last axis, or of a table
  std::string meaning;               // with units
};

const std::vector<OutputFile>& output_files();

// Says beside an array or table what its axes and columns are: FOLDER/contents.json, about those files of this command
// that are there. Nothing where there is none of them.
void write_contents(const std::filesystem::path& folder, const std::string& command);

// All of it as Markdown: docs/files.md.
std::string files_page();

}  // namespace swell::cmd
