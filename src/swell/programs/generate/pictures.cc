#include "swell/programs/generate/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/report/lettering.h"

namespace swell::generate {

namespace {

constexpr int kGap = 2;  // picture points between images

struct Extents {
  int height, width;
};

// A group of any shape as a picture: the last extent is the width.
Extents extents(const std::vector<int64_t>& shape) {
  int64_t height = 1;
  for (size_t k = 0; k + 1 < shape.size(); ++k) height *= shape[k];
  const int64_t width = shape.back();
  if (height > 4096 || width > 4096)
    throw InputError(fmt::format("a picture of {} x {} points is too large; 4096 x 4096 is allowed", width, height));
  return {static_cast<int>(height), static_cast<int>(width)};
}

struct Canvas {
  Image image;
  int columns, cell_width, cell_height, zoom;

  Canvas(int64_t count, int height, int width, int columns_wanted, int zoom_factor, int channels, uint8_t background)
      : columns(std::min<int>(columns_wanted, static_cast<int>(count))),
        cell_width(width * zoom_factor + kGap),
        cell_height(height * zoom_factor + kGap),
        zoom(zoom_factor) {
    const int rows = static_cast<int>((count + columns - 1) / columns);
    image.width = columns * cell_width + kGap;
    image.height = rows * cell_height + kGap;
    image.channels = channels;
    image.pixels.assign(static_cast<size_t>(image.width) * image.height * channels, background);
  }

  // Paints picture `number`'s pixel (row, column) with the given channels.
  void paint(int64_t number, int row, int column, const uint8_t* color) {
    const int x0 = kGap + static_cast<int>(number % columns) * cell_width + column * zoom;
    const int y0 = kGap + static_cast<int>(number / columns) * cell_height + row * zoom;
    for (int y = y0; y < y0 + zoom; ++y) {
      for (int x = x0; x < x0 + zoom; ++x) {
        std::copy_n(color, image.channels,
                    image.pixels.begin() + (static_cast<size_t>(y) * image.width + x) * image.channels);
      }
    }
  }
};

uint8_t gray(double value, double white) {
  return static_cast<uint8_t>(std::lround(255 * std::clamp(0.5 + 0.5 * value / white, 0.0, 1.0)));
}

// The hidden units whose couplings to the visible ones differ most from the mean over all, in order of number.
std::vector<int64_t> most_distinct(const std::vector<double>& J, int64_t units, const Group& hidden,
                                   const Group& visible, int64_t count) {
  std::vector<double> mean(visible.size, 0.0), distance(hidden.size, 0.0);
  for (int64_t h = 0; h < hidden.size; ++h) {
    for (int64_t v = 0; v < visible.size; ++v)
      mean[v] += J[(hidden.first + h) * units + visible.first + v] / static_cast<double>(hidden.size);
  }
  std::vector<int64_t> order;
  for (int64_t h = 0; h < hidden.size; ++h) {
    order.push_back(hidden.first + h);
    for (int64_t v = 0; v < visible.size; ++v) {
      const double difference = J[(hidden.first + h) * units + visible.first + v] - mean[v];
      distance[h] += difference * difference;
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return distance[a - hidden.first] > distance[b - hidden.first]; });
  order.resize(count);
  std::sort(order.begin(), order.end());
  return order;
}

// A strip below the picture: a line at its left and, where there is room, one at its right.
void add_caption(Image& image, const std::string& left, const std::string& right) {
  constexpr int kHeight = 2 * kLetterHeight + 6;
  const int top = image.height, zoom = image.width >= 150 ? 2 : 1;
  image.height += kHeight;
  image.pixels.resize(static_cast<size_t>(image.width) * image.height * image.channels, 0);
  write_line(image, 4, top + 4, left, 255, zoom);
  const int width = kLetterWidth * zoom * static_cast<int>(right.size());
  const int first = kLetterWidth * zoom * static_cast<int>(left.size() + 1);
  if (first + width < image.width) write_line(image, image.width - width - 2, top + 4, right, 200, zoom);
}

int square_columns(int64_t count) {
  return std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(count)))));
}

}  // namespace

double gray_scale(std::span<const float> values) {
  std::vector<float> magnitude(values.begin(), values.end());
  if (magnitude.empty()) return 1;
  for (float& value : magnitude) value = std::abs(value);
  const auto at = magnitude.begin() + static_cast<int64_t>(0.98 * static_cast<double>(magnitude.size() - 1));
  std::nth_element(magnitude.begin(), at, magnitude.end());
  return std::max(1e-12, static_cast<double>(*at));
}

Image tile_images(std::span<const float> values, int64_t count, int height, int width, int columns, int zoom,
                  double white) {
  Canvas canvas(count, height, width, columns, zoom, 1, 40);
  for (int64_t n = 0; n < count; ++n) {
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column) {
        const uint8_t shade = gray(static_cast<double>(values[(n * height + row) * width + column]), white);
        canvas.paint(n, row, column, &shade);
      }
    }
  }
  return std::move(canvas.image);
}

Image sample_grid(const Samples& samples, int64_t most) {
  const auto [height, width] = extents(samples.shape);
  const int64_t count = std::min(samples.count, most);
  return tile_images(samples.values, count, height, width, square_columns(count), 2, gray_scale(samples.values));
}

Image training_grid(const DataSet& images, int64_t most) {
  const auto [height, width] = extents({images.shape.begin(), images.shape.end()});
  const int64_t count = std::min(images.rows(), most);
  const std::vector<float> values(images.values.begin(), images.values.begin() + count * images.width());
  return tile_images(values, count, height, width, std::min<int>(10, square_columns(count) * 2), 2, 1.0);
}

std::vector<Image> film(const Samples& samples) {
  std::vector<Image> frames;
  if (samples.film.empty()) return frames;
  const auto [height, width] = extents(samples.shape);
  const int64_t size = samples.film_samples * height * width;
  const double white = gray_scale(samples.values);
  constexpr size_t kOfNoise = 5;
  size_t noisy = 0;
  for (size_t frame = 0; frame < samples.film_times.size(); ++frame) {
    const bool coupled = samples.film_coupled.empty() || samples.film_coupled[frame];
    if (!coupled && noisy++ % kOfNoise != 0) continue;
    Image image = tile_images(std::span(samples.film).subspan(frame * size, size), samples.film_samples, height, width,
                              square_columns(samples.film_samples), 2, white);
    const std::string phase = samples.film_phases.empty() ? "" : samples.film_phases[frame];
    add_caption(image, fmt::format("t = {:.2f}", samples.film_times[frame]), phase);
    frames.push_back(std::move(image));
  }
  return frames;
}

Image receptive_fields(const Design& design, const CouplingSet& set, int64_t most) {
  const Computer& computer = design.computer;
  const int data = data_group(design);
  // Those of the largest group that is coupled to the data.
  const CouplingBlock* found = nullptr;
  int64_t most_units = 0;
  for (const CouplingBlock& block : set.blocks) {
    if ((block.row_group == data) == (block.column_group == data)) continue;
    const int64_t units = computer.groups[block.row_group == data ? block.column_group : block.row_group].size;
    if (units > most_units) found = &block;
    most_units = std::max(most_units, units);
  }
  if (!found)
    throw InputError(fmt::format("design '{}' couples no other group to '{}'; there are no receptive fields to show",
                                 design.name, computer.groups[data].name));
  const Group& visible = computer.groups[data];
  const Group& hidden = computer.groups[found->row_group == data ? found->column_group : found->row_group];
  const std::vector<double> J = dense_matrix(computer, set);
  const std::vector<int64_t> shown = most_distinct(J, computer.units(), hidden, visible, std::min(hidden.size, most));
  const auto count = static_cast<int64_t>(shown.size());
  std::vector<float> fields;
  for (const int64_t unit : shown) {
    for (int64_t v = 0; v < visible.size; ++v)
      fields.push_back(static_cast<float>(J[unit * computer.units() + visible.first + v]));
  }
  const auto [height, width] = extents(visible.shape);
  const double scale = gray_scale(fields);
  Canvas canvas(count, height, width, square_columns(count), 2, 3, 255);
  for (int64_t h = 0; h < count; ++h) {
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column) {
        const double value =
            std::clamp(static_cast<double>(fields[(h * height + row) * width + column]) / scale, -1.0, 1.0);
        const auto fade = [&](int end) {
          return static_cast<uint8_t>(std::lround(245 + (end - 245) * std::abs(value)));
        };
        const uint8_t color[3] = {fade(value < 0 ? 200 : 0), fade(value < 0 ? 0 : 60), fade(value < 0 ? 0 : 200)};
        canvas.paint(h, row, column, color);
      }
    }
  }
  return std::move(canvas.image);
}

}  // namespace swell::generate
