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
  enum class Wrapper { gzip, none };
  Inflater(std::string_view name, Wrapper wrapper)
      : name_(name), what_(wrapper == Wrapper::gzip ? "gzip file" : "deflated data") {
    constexpr int kLargestWindow = 15, kGzipOnly = kLargestWindow + 16, kRaw = -kLargestWindow;
    if (inflateInit2(&stream_, wrapper == Wrapper::gzip ? kGzipOnly : kRaw) != Z_OK)
      throw IoError(fmt::format("{}: zlib cannot start", name));
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
    if (result == Z_BUF_ERROR) throw IoError(fmt::format("{}: the {} is cut short", name_, what_));
    if (result != Z_OK) {
      throw IoError(fmt::format("{}: the {} is damaged: {}", name_, what_,
                                stream_.msg != nullptr ? stream_.msg : zError(result)));
    }
    return false;
  }

 private:
  std::string_view name_, what_;
  z_stream stream_{};
};

}  // namespace

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

std::vector<std::byte> inflate_gzip(std::span<const std::byte> bytes, std::string_view name, size_t max_bytes) {
  Inflater inflater(name, Inflater::Wrapper::gzip);
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

std::vector<std::byte> inflate_raw(std::span<const std::byte> bytes, std::string_view name, size_t size) {
  Inflater inflater(name, Inflater::Wrapper::none);
  std::vector<std::byte> inflated;
  size_t used = 0;
  for (bool at_end = false; !at_end;) {
    // One byte beyond, so that a longer stream is seen; in steps, since the size is only what the file claims.
    inflated.resize(used + std::min(std::max(kBlock, used), size - used + 1));
    std::span<std::byte> room = std::span(inflated).subspan(used);
    at_end = inflater.advance(bytes, room);
    used = inflated.size() - room.size();
    if (used > size) break;
  }
  if (used != size || !bytes.empty())
    throw IoError(fmt::format("{}: the deflated data do not have the {} bytes that they should", name, size));
  inflated.resize(used);
  return inflated;
}

}  // namespace swell
