#include "swell/learn/stage_images.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell {

namespace {

void require_fit(const Design& design, const DataSet& images) {
  const Stages& form = *design.stages;
  if (images.width() != form.visible_units)
    throw InputError(fmt::format("images of {} do not fit group '{}' of {} units; the same number of pixels is needed",
                                 fmt::join(images.shape, " x "), design.computer.groups[form.visible].name,
                                 form.visible_units));
  if (images.rows() < 2)
    throw InputError(
        fmt::format("{} holds {} images; a machine of stages learns from two at least", images.source, images.rows()));
  if (form.labels == 0) return;
  if (images.labels.empty())
    throw InputError(
        fmt::format("{} has no labels; a machine with label units learns from images with classes", images.source));
  for (const int label : images.labels) {
    if (label < 0 || label >= form.classes)
      throw InputError(fmt::format("{} has the class {}; group '{}' has units for the classes 0 to {}", images.source,
                                   label, design.computer.groups[form.label].name, form.classes - 1));
  }
}

}  // namespace

int64_t StageImages::choose(uint64_t draw, bool from_held_out) const {
  if (from_held_out && held_out > 0) return learned + static_cast<int64_t>(draw % static_cast<uint64_t>(held_out));
  return static_cast<int64_t>(draw % static_cast<uint64_t>(learned));
}

StageImages stage_images(const Design& design, const DataSet& images, int threads, const std::function<bool()>& go_on) {
  require_fit(design, images);
  const Stages& form = *design.stages;
  const int64_t V = form.visible_units;
  StageImages result;
  result.visible = V;
  result.held_out = std::min<int64_t>(1000, images.rows() / 20);
  result.learned = images.rows() - result.held_out;
  std::vector<double> sum(V, 0.0);
  for (int64_t row = 0; row < result.learned; ++row) {
    for (int64_t i = 0; i < V; ++i) sum[i] += 0.5 * (images.row(row)[i] + 1);
  }
  for (const double total : sum) result.mean.push_back(static_cast<float>(total / static_cast<double>(result.learned)));
  result.pixels.resize(images.rows() * V);
  double squares = 0;
  for (int64_t row = 0; row < images.rows(); ++row) {
    for (int64_t i = 0; i < V; ++i) {
      const double value = 0.5 * (images.row(row)[i] + 1) - static_cast<double>(result.mean[i]);
      result.pixels[row * V + i] = static_cast<float>(value);
      if (row < result.learned) squares += value * value;
    }
  }
  result.spread = std::sqrt(squares / static_cast<double>(result.learned * V));
  if (!(result.spread > 0)) throw InputError(fmt::format("the images of {} are all the same", images.source));
  if (form.labels > 0)
    result.styles =
        find_styles(result.pixels, V, images.labels, form.classes, form.styles, result.learned, threads, go_on);
  else
    result.styles.of_image.resize(images.rows(), 0);
  return result;
}

}  // namespace swell
