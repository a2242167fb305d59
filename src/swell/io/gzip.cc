#include "swell/io/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "swell/base/errors.h"

namespace swell {
namespace {

constexpr size_t kBlock = size_t{1} << 16;

// zlib's state, released whatever happens.
class Inflater {
 public:
  explicit Inflater(std::string_view name) : name_(name) {
    constexpr int kGzipOnly = 15 + 16;  // largest window, gzip wrapper
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw IoError(fmt::format("{}: zlib cannot start", name));
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  // Inflates from the front of `input` into `output`; both are moved past what was used. True at a member's end.
  bool advance(std::span<const std::byte>& input, std::span<std::byte>& output) {
    constexpr size_t kMax = std::numeric_limits<uInt>::max();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
    stream_.avail_in = static_cast<uInt>(std::min(input.size(), kMax));
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = static_cast<uInt>(std::min(output.size(), kMax));
    const uInt in = stream_.avail_in, out = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    input = input.subspan(in - stream_.avail_in);
    output = output.subspan(out - stream_.avail_out);
    if (result == Z_STREAM_END) {
      inflateReset(&stream_);
      return true;
    }
    if (result == Z_BUF_ERROR) throw IoError(fmt::format("{}: the gzip file is cut short", name_));
    if (result != Z_OK) {
      throw IoError(fmt::format("{}: the gzip file is damaged: {}", name_,
                                stream_.msg != nullptr ? stream_.msg : zError(result)));
    }
    return false;
  }

 private:
  std::string_view name_;
  z_stream stream_{};
};

}  // namespace

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

std::vector<std::byte> inflate_gzip(std::span<const std::byte> bytes, std::string_view name, size_t max_bytes) {
  Inflater inflater(name);
  std::vector<std::byte> inflated;
  size_t used = 0;
  bool at_member_end = false;
  while (!at_member_end || !bytes.empty()) {
    // One byte beyond the limit, so that a longer stream is seen.
    inflated.resize(used + std::min(kBlock, max_bytes - used + 1));
    std::span<std::byte> room = std::span(inflated).subspan(used);
    at_member_end = inflater.advance(bytes, room);
    used = inflated.size() - room.size();
    if (used > max_bytes) {
      throw IoError(fmt::format("{}: inflates to more than the {} bytes that are read", name, max_bytes));
    }
  }
  inflated.resize(used);
  return inflated;
}

}  // namespace swell
