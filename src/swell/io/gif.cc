#include "swell/io/gif.h"

#include <fmt/format.h>
#include <gif_lib.h>

#include <array>
#include <bit>
#include <memory>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"

namespace swell {
namespace {

struct FreeColorMap {
  void operator()(ColorMapObject* map) const { GifFreeMapObject(map); }
};

int append(GifFileType* gif, const GifByteType* data, int length) {
  auto& bytes = *static_cast<std::vector<std::byte>*>(gif->UserData);
  const auto* from = reinterpret_cast<const std::byte*>(data);
  bytes.insert(bytes.end(), from, from + length);
  return length;
}

// giflib's writer into `bytes`.
class GifWriter {
 public:
  explicit GifWriter(std::vector<std::byte>& bytes) {
    int error = 0;
    gif_ = EGifOpen(&bytes, append, &error);
    if (gif_ == nullptr) throw InputError(fmt::format("cannot encode GIF: {}", describe(error)));
    EGifSetGifVersion(gif_, true);
  }
  GifWriter(const GifWriter&) = delete;
  GifWriter& operator=(const GifWriter&) = delete;
  ~GifWriter() {
    int error = 0;
    if (gif_ != nullptr) EGifCloseFile(gif_, &error);
  }

  void put_screen(int width, int height, int gray_levels) {
    const std::unique_ptr<ColorMapObject, FreeColorMap> map(GifMakeMapObject(gray_levels, nullptr));
    if (map == nullptr) throw InputError("cannot encode GIF: no memory for its palette");
    for (int i = 0; i < gray_levels; ++i) {
      const auto gray = static_cast<GifByteType>((i * 255 + (gray_levels - 1) / 2) / (gray_levels - 1));
      map->Colors[i] = {gray, gray, gray};
    }
    check(EGifPutScreenDesc(gif_, width, height, 8, 0, map.get()));
  }
  void put_endless_loop() {
    const std::array<GifByteType, 3> forever{1, 0, 0};
    check(EGifPutExtensionLeader(gif_, APPLICATION_EXT_FUNC_CODE));
    check(EGifPutExtensionBlock(gif_, 11, "NETSCAPE2.0"));
    check(EGifPutExtensionBlock(gif_, static_cast<int>(forever.size()), forever.data()));
    check(EGifPutExtensionTrailer(gif_));
  }
  void put_frame(const Image& frame, int delay_centiseconds, int gray_levels) {
    const GraphicsControlBlock control{DISPOSE_DO_NOT, false, delay_centiseconds, NO_TRANSPARENT_COLOR};
    std::array<GifByteType, 4> extension{};
    const size_t length = EGifGCBToExtension(&control, extension.data());
    check(EGifPutExtension(gif_, GRAPHICS_EXT_FUNC_CODE, static_cast<int>(length), extension.data()));
    check(EGifPutImageDesc(gif_, 0, 0, frame.width, frame.height, false, nullptr));
    std::vector<GifPixelType> row(static_cast<size_t>(frame.width));
    for (int y = 0; y < frame.height; ++y) {
      for (int x = 0; x < frame.width; ++x) {
        const int gray = frame.pixels[size_t{1} * y * frame.width + x];
        row[x] = static_cast<GifPixelType>((gray * (gray_levels - 1) + 127) / 255);
      }
      check(EGifPutLine(gif_, row.data(), frame.width));
    }
  }
  void finish() {
    int error = 0;
    const int result = EGifCloseFile(gif_, &error);
    gif_ = nullptr;
    if (result == GIF_ERROR) throw InputError(fmt::format("cannot encode GIF: {}", describe(error)));
  }

 private:
  static const char* describe(int error) {
    const char* text = GifErrorString(error);
    return text != nullptr ? text : "unknown error";
  }
  void check(int result) const {
    if (result == GIF_ERROR) throw InputError(fmt::format("cannot encode GIF: {}", describe(gif_->Error)));
  }
  GifFileType* gif_ = nullptr;
};

void check_film(std::span<const Image> frames, const GifOptions& options) {
  if (frames.empty()) throw InputError("cannot encode GIF: it has no frames, expected at least one");
  for (const Image& frame : frames) {
    check_image(frame);
    if (frame.channels != 1 || frame.width != frames[0].width || frame.height != frames[0].height) {
      throw InputError(fmt::format("cannot encode GIF: frame {} is {} x {} x {}, expected {} x {} x 1 as the first",
                                   &frame - frames.data(), frame.width, frame.height, frame.channels, frames[0].width,
                                   frames[0].height));
    }
  }
  for (const int time : {options.delay_centiseconds, options.last_frame_hold_centiseconds}) {
    if (time < 0 || time > 65535) {
      throw InputError(fmt::format("cannot encode GIF: {} centiseconds, expected 0 to 65535", time));
    }
  }
  const int levels = options.gray_levels;
  if (levels < 2 || levels > 256 || !std::has_single_bit(static_cast<unsigned>(levels))) {
    throw InputError(fmt::format("cannot encode GIF: {} gray levels, expected a power of two from 2 to 256", levels));
  }
}

}  // namespace

std::vector<std::byte> encode_gif(std::span<const Image> frames, const GifOptions& options) {
  check_film(frames, options);
  std::vector<std::byte> bytes;
  GifWriter writer(bytes);
  writer.put_screen(frames[0].width, frames[0].height, options.gray_levels);
  writer.put_endless_loop();
  for (const Image& frame : frames) {
    const bool last = &frame == &frames.back();
    writer.put_frame(frame, last ? options.last_frame_hold_centiseconds : options.delay_centiseconds,
                     options.gray_levels);
  }
  writer.finish();
  return bytes;
}

void write_gif(const std::filesystem::path& path, std::span<const Image> frames, const GifOptions& options) {
  write_file_atomically(path, encode_gif(frames, options));
}

}  // namespace swell
