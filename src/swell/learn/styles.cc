#include "swell/learn/styles.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "swell/base/errors.h"
#include "swell/base/memory.h"
#include "swell/base/threads.h"
#include "swell/kernels/rows.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kMostRounds = 40;
constexpr int64_t kRowsAtOnce = 512;

// The images of one class about centres of their own.
class Clusters {
 public:
  Clusters(std::span<const float> pixels, int64_t width, std::vector<int64_t> images, int64_t learned, int64_t count,
           uint64_t of_class, const std::function<bool()>& go_on)
      : pixels_(pixels),
        width_(width),
        images_(std::move(images)),
        learned_(learned),
        count_(count),
        centres_(count * width),
        nearest_(images_.size(), 0),
        distance_(images_.size()),
        go_on_(go_on) {
    begin(of_class);
    for (int64_t round = 0; round < kMostRounds; ++round) {
      move();
      if (!assign(count_)) break;
    }
  }

  const std::vector<int64_t>& images() const { return images_; }
  const std::vector<int>& nearest() const { return nearest_; }

 private:
  const float* image(int64_t k) const { return pixels_.data() + images_[k] * width_; }

  // The first centre is an image drawn at random, each further one an image drawn with a chance that grows with the
  // square of its distance to the nearest centre so far.
  void begin(uint64_t of_class) {
    const NoiseKey key{1, stream::kInitial};
    for (int64_t c = 0; c < count_; ++c) {
      double all = 0;
      for (int64_t k = 0; k < learned_; ++k) all += c == 0 ? 1.0 : static_cast<double>(distance_[k]);
      const Words4 words = noise_words(key, 0, of_class, static_cast<uint32_t>(c), 1);
      double left = all * (static_cast<double>(words.a) + 0.5) * 0x1p-32;
      int64_t chosen = 0;
      for (; chosen + 1 < learned_; ++chosen) {
        left -= c == 0 ? 1.0 : static_cast<double>(distance_[chosen]);
        if (left <= 0) break;
      }
      std::copy_n(image(chosen), width_, centres_.begin() + c * width_);
      assign(c + 1);
    }
  }

  // Each image to the nearest of the first centres; whether any changed.
  bool assign(int64_t centres) {
    AlignedVector<float> turned(width_ * centres), product(kRowsAtOnce * centres), rows(kRowsAtOnce * width_);
    std::vector<float> square(centres, 0.0f);
    for (int64_t c = 0; c < centres; ++c) {
      for (int64_t i = 0; i < width_; ++i) {
        const float value = centres_[c * width_ + i];
        turned[i * centres + c] = value;
        square[c] += value * value;
      }
    }
    bool changed = false;
    const auto all = static_cast<int64_t>(images_.size());
    for (int64_t first = 0; first < all; first += kRowsAtOnce) {
      if (go_on_ && !go_on_()) throw Interrupted("interrupted while looking for styles of images; nothing was learned");
      const int64_t count = std::min(kRowsAtOnce, all - first);
      for (int64_t k = 0; k < count; ++k) std::copy_n(image(first + k), width_, rows.data() + k * width_);
      std::ranges::fill(product, 0.0f);
      add_product_f32(count, centres, width_, rows.data(), width_, turned.data(), centres, product.data(), centres);
      for (int64_t k = 0; k < count; ++k) {
        float own = 0;
        for (int64_t i = 0; i < width_; ++i) own += rows[k * width_ + i] * rows[k * width_ + i];
        float least = std::numeric_limits<float>::max();
        int which = 0;
        for (int64_t c = 0; c < centres; ++c) {
          const float d = std::max(0.0f, own + square[c] - 2 * product[k * centres + c]);
          if (d >= least) continue;
          least = d;
          which = static_cast<int>(c);
        }
        changed |= which != nearest_[first + k];
        nearest_[first + k] = which;
        distance_[first + k] = least;
      }
    }
    return changed;
  }

  // Centres to the means of their images; one without images to the image that is farthest from its centre.
  void move() {
    std::vector<double> sum(count_ * width_, 0.0);
    std::vector<int64_t> members(count_, 0);
    for (int64_t k = 0; k < learned_; ++k) {
      ++members[nearest_[k]];
      for (int64_t i = 0; i < width_; ++i) sum[nearest_[k] * width_ + i] += static_cast<double>(image(k)[i]);
    }
    for (int64_t c = 0; c < count_; ++c) {
      if (members[c] == 0) {
        const auto far = std::max_element(distance_.begin(), distance_.begin() + learned_);
        std::copy_n(image(far - distance_.begin()), width_, centres_.begin() + c * width_);
        *far = 0;
        continue;
      }
      for (int64_t i = 0; i < width_; ++i)
        centres_[c * width_ + i] = static_cast<float>(sum[c * width_ + i] / static_cast<double>(members[c]));
    }
  }

  std::span<const float> pixels_;
  int64_t width_;
  std::vector<int64_t> images_;  // those that are learned from first
  int64_t learned_, count_;
  std::vector<float> centres_;  // [count][width]
  std::vector<int> nearest_;
  std::vector<float> distance_;  // its square
  const std::function<bool()>& go_on_;
};

}  // namespace

ImageStyles find_styles(std::span<const float> pixels, int64_t width, std::span<const int> labels, int64_t classes,
                        int64_t styles, int64_t learned, int threads, const std::function<bool()>& go_on) {
  const auto count = static_cast<int64_t>(pixels.size()) / width;
  ImageStyles result;
  result.of_image.resize(count, 0);
  result.share.resize(classes * styles, 0.0f);
  std::vector<std::vector<int64_t>> images(classes);
  std::vector<int64_t> of_class(classes, 0);  // learned from
  for (int64_t k = 0; k < count; ++k) {
    const int which = labels.empty() ? 0 : labels[k];
    images[which].push_back(k);
    of_class[which] += k < learned;
  }
  for (int64_t c = 0; c < classes; ++c) {
    if (!images[c].empty() && of_class[c] < styles)
      throw InputError(
          fmt::format("class {} has {} images to learn from, fewer than the {} styles of a class; fewer styles or more "
                      "images are needed",
                      c, of_class[c], styles));
  }
  parallel_for(classes, threads, [&](int64_t c) {
    float* const share = result.share.data() + c * styles;
    if (images[c].empty()) {
      std::fill_n(share, styles, 1.0f / static_cast<float>(styles));
      return;
    }
    const Clusters clusters(pixels, width, images[c], of_class[c], styles, static_cast<uint64_t>(c), go_on);
    for (size_t k = 0; k < images[c].size(); ++k) {
      const int style = clusters.nearest()[k];
      result.of_image[images[c][k]] = static_cast<int>(c * styles) + style;
      if (images[c][k] < learned) share[style] += 1.0f / static_cast<float>(of_class[c]);
    }
  });
  return result;
}

}  // namespace swell
