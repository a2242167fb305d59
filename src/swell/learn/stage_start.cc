#include "swell/learn/stage_start.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/model/toml_reader.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

// Directions [count][width] in which rows vary most about the mean of their kind, and the variances along them.
struct PrincipalDirections {
  std::vector<double> direction, variance;
};
PrincipalDirections principal_directions(std::span<const float> rows, int64_t width, int64_t learned,
                                         std::span<const int> kind, const std::vector<double>& mean, int64_t count) {
  using Matrix = Eigen::MatrixXd;
  constexpr int64_t kAtOnce = 1024;
  Matrix sum = Matrix::Zero(width, width);
  for (int64_t first = 0; first < learned; first += kAtOnce) {
    const int64_t many = std::min(kAtOnce, learned - first);
    Matrix part(width, many);
    for (int64_t r = 0; r < many; ++r) {
      for (int64_t i = 0; i < width; ++i)
        part(i, r) = static_cast<double>(rows[(first + r) * width + i]) - mean[kind[first + r] * width + i];
    }
    sum.selfadjointView<Eigen::Lower>().rankUpdate(part);
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(sum / static_cast<double>(learned));
  PrincipalDirections result;
  for (int64_t k = 0; k < count; ++k) {
    const int64_t column = width - 1 - k;
    result.variance.push_back(std::max(0.0, solver.eigenvalues()[column]));
    for (int64_t i = 0; i < width; ++i) result.direction.push_back(solver.eigenvectors()(i, column));
  }
  return result;
}

}  // namespace

StageBeginning stage_beginning(const Design& design) {
  StageBeginning begin;
  const toml::table root = parse_toml(design.text, design.file);
  auto reader = TomlReader(root, design.file, "").table("stages");
  if (!reader) return begin;
  if (const auto windows = reader->matrix("windows")) {
    if (windows->rows != 1 || windows->columns != 2 || !(windows->values[0] > 0) ||
        !(windows->values[1] >= windows->values[0]))
      throw InputError(fmt::format("{} needs two numbers above 0, the least and the greatest width in pixels",
                                   reader->where("windows")));
    begin.window_least = windows->values[0];
    begin.window_most = windows->values[1];
  }
  begin.from_images = reader->choice("begin", {"noise", "images"}, "noise") == "images";
  begin.local = reader->number("local", 1.0);
  if (!(begin.local >= 0 && begin.local <= 1))
    throw InputError(
        fmt::format("{} is {}; a share of the hidden units, 0 to 1, is needed", reader->where("local"), begin.local));
  const double linear = reader->number("linear", 0.0);
  if (!(linear >= 0 && linear <= 1e9) || linear != std::floor(linear))
    throw InputError(
        fmt::format("{} is {}; a number of hidden units, 0 or more, is needed", reader->where("linear"), linear));
  begin.linear = static_cast<int64_t>(linear);
  return begin;
}

StageStart start_of_stages(const Design& design, std::span<const float> pixels, std::span<const int> kind,
                           int64_t learned, Seed seed) {
  StageStart start;
  start.beginning = stage_beginning(design);
  const StageBeginning& begin = start.beginning;
  const Stages& form = *design.stages;
  const std::vector<int64_t>& shape = design.computer.groups[form.visible].shape;
  const int64_t V = form.visible_units, H = form.hidden_units, L = form.labels, K = form.count;
  start.W.resize(H * V, 0.0f);
  const NoiseKey key{seed, stream::kInitial};
  const auto normal = [&](uint64_t what, uint64_t row, int64_t k) {
    return static_cast<double>(draw_normal(key, row, what, static_cast<uint64_t>(k)));
  };
  const auto uniform = [&](uint64_t row, uint64_t which) {
    return 0.5 * std::erfc(-normal(1, row, static_cast<int64_t>(which)) / std::numbers::sqrt2);
  };
  constexpr double kMargin = 1.0 / 7;
  // Images by label unit, and their means.
  const int64_t kinds = std::max<int64_t>(1, L);
  std::vector<std::vector<int64_t>> of_kind(kinds);
  start.mean.resize(kinds * V, 0.0);
  for (int64_t image = 0; image < learned; ++image) of_kind[kind[image]].push_back(image);
  for (int64_t l = 0; l < kinds; ++l) {
    for (const int64_t image : of_kind[l]) {
      for (int64_t i = 0; i < V; ++i)
        start.mean[l * V + i] += static_cast<double>(pixels[image * V + i]) / static_cast<double>(of_kind[l].size());
    }
  }
  std::vector<int64_t> paired;  // images of a kind that has another one
  for (const std::vector<int64_t>& images : of_kind) {
    if (images.size() >= 2) paired.insert(paired.end(), images.begin(), images.end());
  }
  const bool from_images = begin.from_images && !paired.empty();

  for (int64_t h = 0; h < H; ++h) {
    const auto row = static_cast<uint64_t>(h);
    double norm = 0;
    std::vector<double> w(V);
    const bool local = begin.window_least > 0 && shape.size() == 2 && uniform(row, 5) < begin.local;
    for (int64_t i = 0; i < V && !from_images; ++i) w[i] = normal(0, row, i);
    if (from_images) {
      const auto pick = [&](const std::vector<int64_t>& from, uint64_t which) {
        const auto count = static_cast<double>(from.size());
        return from[static_cast<size_t>(std::min(count - 1, count * uniform(row, which)))];
      };
      const int64_t one = pick(paired, 3);
      const std::vector<int64_t>& images = of_kind[kind[one]];
      int64_t other = pick(images, 4);
      if (other == one) other = images[one == images[0] ? 1 : 0];
      const float *a = pixels.data() + one * V, *b = pixels.data() + other * V;
      for (int64_t i = 0; i < V; ++i) w[i] = static_cast<double>(a[i] - b[i]) + 1e-3 * normal(0, row, i);
    }
    const double wide = begin.window_least + (begin.window_most - begin.window_least) * uniform(row, 0);
    const auto centre = [&](int axis) {
      const double extent = static_cast<double>(local ? shape[axis] : 1);
      return extent * (kMargin + (1 - 2 * kMargin) * uniform(row, 1 + static_cast<uint64_t>(axis)));
    };
    const double y0 = centre(0), x0 = centre(1);
    for (int64_t i = 0; i < V; ++i) {
      double window = 1;
      if (local) {
        const double y = static_cast<double>(i / shape[1]) - y0, x = static_cast<double>(i % shape[1]) - x0;
        window = std::exp(-(y * y + x * x) / (2 * wide * wide));
      }
      w[i] *= window;
      norm += w[i] * w[i];
    }
    for (int64_t i = 0; i < V; ++i)
      start.W[h * V + i] = static_cast<float>(norm > 0 ? kStartNorm * w[i] / std::sqrt(norm) : 0.0);
  }

  // The first units of each band's window begin as the best linear estimate of the images about their kind's mean.
  const int64_t linear = std::min({begin.linear, V, form.window(0).count});
  PrincipalDirections directions;
  if (linear > 0) directions = principal_directions(pixels, V, learned, kind, start.mean, linear);
  start.is_linear.resize(H, 0);
  for (int64_t k = 0; k < K && linear > 0; ++k) {
    const int64_t first = form.window(k).first;
    for (int64_t j = 0; j < std::min(linear, form.window(k).count); ++j) {
      start.is_linear[first + j] = 1;
      for (int64_t i = 0; i < V; ++i)
        start.W[(first + j) * V + i] = static_cast<float>(kStartNorm * directions.direction[j * V + i]);
    }
  }
  start.linear = linear;
  start.variance = directions.variance;
  return start;
}

}  // namespace swell
