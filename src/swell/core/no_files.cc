// What the core (core.cmake) says where it is asked for a file, a stream into one, or the digest that guards one.

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/checksum.h"
#include "swell/io/leave_files.h"
#include "swell/io/npy.h"
#include "swell/io/npy_stream.h"
#include "swell/model/design_files.h"

namespace swell {

namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw IoError(fmt::format("{}: this build of Swell has no files", what));
}

}  // namespace

std::vector<std::byte> read_file(const std::filesystem::path& path, size_t) { refuse(path.string()); }
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte>) { refuse(path.string()); }
void write_file_atomically(const std::filesystem::path& path, std::string_view) { refuse(path.string()); }
void write_file_atomically(const std::filesystem::path& path, const std::function<void(const Append&)>&,
                           TemporaryName) {
  refuse(path.string());
}

void remove_file(const std::filesystem::path& path) { refuse(path.string()); }

NpyArray read_npy(const std::filesystem::path& path) { refuse(path.string()); }

NpyStream::NpyStream(std::filesystem::path path, std::vector<int64_t>) { refuse(path.string()); }
NpyStream::~NpyStream() = default;
void NpyStream::open(Mode) { refuse("a stream of numbers"); }
void NpyStream::share_rows(int64_t, int64_t, int64_t) {}
void NpyStream::put(int64_t, std::vector<float>) { refuse("a stream of numbers"); }
void NpyStream::flush() { refuse("a stream of numbers"); }
void NpyStream::keep_rows(const std::vector<int64_t>&, std::vector<int64_t>) { refuse("a stream of numbers"); }
void NpyStream::finish() { refuse("a stream of numbers"); }

struct Sha256::State {};
Sha256::Sha256() { refuse("a checkpoint"); }
Sha256::~Sha256() = default;
void Sha256::update(std::span<const std::byte>) { refuse("a checkpoint"); }
std::array<std::byte, 32> Sha256::digest() { refuse("a checkpoint"); }
std::string hex(std::span<const std::byte>) { refuse("a checkpoint"); }
std::string sha256_hex(std::span<const std::byte>) { refuse("a digest"); }

DesignArrays arrays_in_folder(std::filesystem::path) {
  return {[](const std::string& file, const std::string&, const Group&, const Group&, bool) -> CouplingWeights {
            refuse(file);
          },
          [](const std::string& file, const std::string&, const Group&) -> std::vector<double> { refuse(file); }};
}

}  // namespace swell
