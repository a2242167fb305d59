#include "swell/programs/judge/network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/embedded.h"
#include "swell/kernels/dispatch.h"

namespace swell::judge {

namespace {

constexpr int64_t kBatch = 16;  // images that are convolved together
constexpr int64_t kChannels[] = {1, 16, 32, 64};
constexpr int64_t kWindow = 9;                 // 3 x 3
constexpr int64_t kLast = kSide / 2 / 2 / 2;   // 28, 14, 7, 3: the last row and column of 7 are left over
constexpr int64_t kFlat = 64 * kLast * kLast;  // numbers of an image behind the convolutions

struct Embedded {
  std::string_view data;
  std::span<const std::byte> (*file)();
};
constexpr auto kNetworks =
    std::to_array<Embedded>({{"mnist", embedded::judge_mnist}, {"fashion-mnist", embedded::judge_fashion_mnist}});

std::vector<float> numbers(const Safetensors& file, const std::string& tensor, const std::vector<int64_t>& shape,
                           const std::string& name) {
  const auto found = file.tensors.find(tensor);
  if (found == file.tensors.end()) throw IoError(fmt::format("{}: the tensor {} is missing", name, tensor));
  if (found->second.shape != shape) {
    throw IoError(fmt::format("{}: the tensor {} has shape {}; {} is needed", name, tensor,
                              fmt::join(found->second.shape, " x "), fmt::join(shape, " x ")));
  }
  return {found->second.values.begin(), found->second.values.end()};
}

// What a convolution sums over: for each place of each image, the window around it; zeros outside. in, out:
// [channel][images][side][side] and [channel][window][images][side][side].
void lay_windows(const float* in, int64_t channels, int64_t images, int64_t side, float* out) {
  const int64_t pixels = side * side;
  for (int64_t channel = 0; channel < channels; ++channel) {
    for (int64_t window = 0; window < kWindow; ++window) {
      const int64_t down = window / 3 - 1, right = window % 3 - 1;
      for (int64_t image = 0; image < images; ++image, out += pixels) {
        const float* from = in + (channel * images + image) * pixels;
        for (int64_t row = 0; row < side; ++row) {
          float* to = out + row * side;
          if (row + down < 0 || row + down >= side) {
            std::fill(to, to + side, 0.0f);
            continue;
          }
          const float* line = from + (row + down) * side + right;
          const int64_t first = right < 0 ? 1 : 0, last = right > 0 ? side - 1 : side;
          if (first > 0) to[0] = 0;
          if (last < side) to[side - 1] = 0;
          std::copy(line + first, line + last, to + first);
        }
      }
    }
  }
}

// max(0, x + bias) of the largest of each 2 x 2. in, out: [channel][images][side][side], with half the side in out.
void pool(const float* in, const std::vector<float>& biases, int64_t images, int64_t side, float* out) {
  const int64_t half = side / 2;
  for (size_t channel = 0; channel < biases.size(); ++channel) {
    for (int64_t image = 0; image < images; ++image, in += side * side) {
      for (int64_t row = 0; row < half; ++row) {
        const float *upper = in + 2 * row * side, *lower = upper + side;
        for (int64_t column = 0; column < half; ++column, upper += 2, lower += 2) {
          const float most = std::max(std::max(upper[0], upper[1]), std::max(lower[0], lower[1]));
          *out++ = std::max(0.0f, most + biases[channel]);
        }
      }
    }
  }
}

// out[images][outputs] = in[images][inputs] W^T + b.
void apply(const Network::Layer& layer, int64_t images, const float* in, float* out) {
  std::vector<float> columns(layer.weights.size());  // [inputs][outputs]
  for (int64_t o = 0; o < layer.outputs; ++o) {
    for (int64_t i = 0; i < layer.inputs; ++i) columns[i * layer.outputs + o] = layer.weights[o * layer.inputs + i];
  }
  for (int64_t image = 0; image < images; ++image) std::ranges::copy(layer.biases, out + image * layer.outputs);
  cpu::kernels().multiply_f32(images, layer.outputs, layer.inputs, in, layer.inputs, 1, columns.data(), layer.outputs,
                              out, layer.outputs);
}

// Features and logits of a batch.
void look_at_batch(const Network& network, const float* images, int64_t count, float* features, float* logits) {
  std::vector<float> now(images, images + count * kPixels), windows, sums;
  int64_t side = kSide;
  for (const Network::Layer& layer : network.convolutions) {
    const int64_t places = count * side * side;
    windows.resize(layer.inputs * places);
    lay_windows(now.data(), layer.inputs / kWindow, count, side, windows.data());
    sums.assign(layer.outputs * places, 0.0f);
    cpu::kernels().multiply_f32(layer.outputs, places, layer.inputs, layer.weights.data(), layer.inputs, 1,
                                windows.data(), places, sums.data(), places);
    now.resize(layer.outputs * count * (side / 2) * (side / 2));
    pool(sums.data(), layer.biases, count, side, now.data());
    side /= 2;
  }
  // [channel][image][place] to [image][channel][place].
  std::vector<float> flat(count * kFlat);
  const int64_t places = side * side;
  for (int64_t channel = 0; channel < kChannels[3]; ++channel) {
    for (int64_t image = 0; image < count; ++image)
      std::copy_n(now.data() + (channel * count + image) * places, places,
                  flat.data() + image * kFlat + channel * places);
  }
  apply(network.dense[0], count, flat.data(), features);
  for (int64_t k = 0; k < count * kFeatures; ++k) features[k] = std::max(0.0f, features[k]);
  apply(network.dense[1], count, features, logits);
}

}  // namespace

std::vector<std::string> known_sets() {
  std::vector<std::string> names;
  for (const Embedded& network : kNetworks) names.emplace_back(network.data);
  return names;
}

Safetensors network_file(std::string_view data) {
  for (const Embedded& network : kNetworks) {
    if (network.data == data) return parse_safetensors(network.file(), fmt::format("the judge of {} (built in)", data));
  }
  throw InputError(fmt::format("there is no judge of '{}'; there is one of {}", data, fmt::join(known_sets(), ", ")));
}

Network network_of(std::string_view data) {
  return network_from(network_file(data), fmt::format("the judge of {} (built in)", data));
}

Network network_from(const Safetensors& file, const std::string& name) {
  Network network;
  const auto text = [&](const char* key) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) throw IoError(fmt::format("{}: its metadata lacks '{}'", name, key));
    return found->second;
  };
  network.data = text("data");
  const std::string accuracy = text("test_accuracy");
  std::from_chars(accuracy.data(), accuracy.data() + accuracy.size(), network.test_accuracy);
  for (int k = 0; k < 3; ++k) {
    const int64_t in = kChannels[k], out = kChannels[k + 1];
    const std::string layer = fmt::format("conv{}", k + 1);
    network.convolutions[k] = {out, in * kWindow, numbers(file, layer + ".weight", {out, in, 3, 3}, name),
                               numbers(file, layer + ".bias", {out}, name)};
  }
  const int64_t sizes[] = {kFlat, kFeatures, kClasses};
  for (int k = 0; k < 2; ++k) {
    const std::string layer = fmt::format("dense{}", k + 1);
    network.dense[k] = {sizes[k + 1], sizes[k], numbers(file, layer + ".weight", {sizes[k + 1], sizes[k]}, name),
                        numbers(file, layer + ".bias", {sizes[k + 1]}, name)};
  }
  return network;
}

Seen look(const Network& network, std::span<const float> images, int threads, const std::function<bool()>& go_on) {
  Seen seen;
  seen.images = static_cast<int64_t>(images.size()) / kPixels;
  seen.features.resize(seen.images * kFeatures);
  seen.logits.resize(seen.images * kClasses);
  seen.classes.resize(seen.images);
  seen.confident.resize(seen.images);
  parallel_for((seen.images + kBatch - 1) / kBatch, threads, [&](int64_t batch) {
    if (go_on && !go_on()) throw Interrupted("judging was interrupted; nothing was written");
    const int64_t first = batch * kBatch, count = std::min(kBatch, seen.images - first);
    look_at_batch(network, images.data() + first * kPixels, count, seen.features.data() + first * kFeatures,
                  seen.logits.data() + first * kClasses);
    for (int64_t image = first; image < first + count; ++image) {
      const float* logits = seen.logits.data() + image * kClasses;
      const float* most = std::max_element(logits, logits + kClasses);
      double sum = 0;
      for (int64_t k = 0; k < kClasses; ++k) sum += std::exp(static_cast<double>(logits[k] - *most));
      seen.classes[image] = static_cast<int>(most - logits);
      seen.confident[image] = 1 / sum;
    }
  });
  return seen;
}

}  // namespace swell::judge
