#include "swell/learn/teacher.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swell/base/threads.h"
#include "swell/kernels/rows.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell {

namespace {

constexpr int64_t kBatch = 128, kPiece = 32;
constexpr double kRate = 3e-3;

void softmax(std::span<float> row) {
  const float largest = *std::max_element(row.begin(), row.end());
  float sum = 0;
  for (float& value : row) sum += value = std::exp(value - largest);
  for (float& value : row) value /= sum;
}

}  // namespace

std::vector<int64_t> order_of_epoch(int64_t count, uint64_t seed, int64_t epoch) {
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), int64_t{0});
  for (int64_t k = count - 1; k > 0; --k) {
    const auto other = static_cast<int64_t>(
        draw_uniform({seed, stream::kOrder}, static_cast<uint64_t>(epoch), static_cast<uint64_t>(k)) *
        static_cast<double>(k + 1));
    std::swap(order[k], order[other]);
  }
  return order;
}

Teacher::Teacher(int64_t inputs, const std::vector<int64_t>& hidden, int64_t classes, uint64_t seed) : sizes_{inputs} {
  sizes_.insert(sizes_.end(), hidden.begin(), hidden.end());
  sizes_.push_back(classes);
  uint64_t drawn = 0;
  for (size_t layer = 0; layer + 1 < sizes_.size(); ++layer) {
    const double scale = 1 / std::sqrt(static_cast<double>(sizes_[layer]));
    for (int64_t k = 0; k < sizes_[layer] * sizes_[layer + 1]; ++k) {
      parameters_.push_back(
          static_cast<float>(scale * static_cast<double>(draw_normal({seed, stream::kInitial}, 1, 0, drawn++))));
    }
    parameters_.insert(parameters_.end(), sizes_[layer + 1], 0.0f);
  }
}

int64_t Teacher::multiply_adds() const {
  int64_t sum = 0;
  for (size_t layer = 0; layer + 1 < sizes_.size(); ++layer) sum += sizes_[layer] * sizes_[layer + 1];
  return sum;
}

int64_t Teacher::hidden_units() const { return std::accumulate(sizes_.begin() + 1, sizes_.end() - 1, int64_t{0}); }

std::vector<std::vector<float>> Teacher::forward(std::span<const float> parameters, const float* inputs,
                                                 int64_t rows) const {
  std::vector<std::vector<float>> layers;
  const float* weights = parameters.data();
  for (size_t layer = 0; layer + 1 < sizes_.size(); ++layer) {
    const int64_t before = sizes_[layer], units = sizes_[layer + 1];
    const float* bias = weights + before * units;
    std::vector<float> values(rows * units);
    for (int64_t row = 0; row < rows; ++row) std::copy_n(bias, units, values.begin() + row * units);
    add_product_f32(rows, units, before, layer == 0 ? inputs : layers.back().data(), before, weights, units,
                    values.data(), units);
    if (layer + 2 < sizes_.size()) {
      for (float& value : values) value = std::tanh(value);
    } else {
      for (int64_t row = 0; row < rows; ++row) softmax(std::span(values).subspan(row * units, units));
    }
    layers.push_back(std::move(values));
    weights = bias + units;
  }
  return layers;
}

double Teacher::loss_and_gradient(std::span<const float> parameters, const float* inputs, const int* labels,
                                  int64_t rows, std::vector<float>& gradient) const {
  const auto layers = forward(parameters, inputs, rows);
  gradient.assign(parameters.size(), 0.0f);
  std::vector<float> slope = layers.back();  // derivative by what goes into the layer
  const int64_t classes = sizes_.back();
  double loss = 0;
  for (int64_t row = 0; row < rows; ++row) {
    loss -= std::log(std::max(1e-30, static_cast<double>(slope[row * classes + labels[row]])));
    slope[row * classes + labels[row]] -= 1;
  }
  for (float& value : slope) value /= static_cast<float>(rows);
  size_t end = parameters.size();
  for (size_t layer = sizes_.size() - 1; layer > 0; --layer) {
    const int64_t before = sizes_[layer - 1], units = sizes_[layer];
    const size_t begin = end - (before + 1) * units;
    const float* in = layer == 1 ? inputs : layers[layer - 2].data();
    add_product_of_columns_f32(before, units, rows, in, before, slope.data(), units, gradient.data() + begin, units);
    float* bias = gradient.data() + begin + before * units;
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t k = 0; k < units; ++k) bias[k] += slope[row * units + k];
    }
    if (layer > 1) {
      std::vector<float> transposed(units * before), below(rows * before, 0.0f);
      for (int64_t i = 0; i < before; ++i) {
        for (int64_t k = 0; k < units; ++k) transposed[k * before + i] = parameters[begin + i * units + k];
      }
      add_product_f32(rows, before, units, slope.data(), units, transposed.data(), before, below.data(), before);
      for (size_t k = 0; k < below.size(); ++k) below[k] *= 1 - in[k] * in[k];
      slope = std::move(below);
    }
    end = begin;
  }
  return loss / static_cast<double>(rows);
}

bool Teacher::train(std::span<const float> inputs, std::span<const int> labels, int epochs, double decay, uint64_t seed,
                    int threads, const AfterUpdate& after_update) {
  const auto rows = static_cast<int64_t>(labels.size());
  const int64_t batch = std::min(kBatch, rows), batches = rows / batch, width = sizes_[0];
  std::vector<int64_t> order;
  int64_t epoch_of_order = -1;
  const Objective objective = [&](int64_t update, std::span<const float> parameters, std::vector<float>& gradient,
                                  int64_t&) {
    if (update / batches != epoch_of_order) order = order_of_epoch(rows, seed, epoch_of_order = update / batches);
    std::vector<float> some(batch * width);
    std::vector<int> their_labels(batch);
    for (int64_t k = 0; k < batch; ++k) {
      const int64_t row = order[update % batches * batch + k];
      std::copy_n(inputs.begin() + row * width, width, some.begin() + k * width);
      their_labels[k] = labels[row];
    }
    // Pieces of fixed size, added up in order.
    const int64_t pieces = (batch + kPiece - 1) / kPiece;
    std::vector<std::vector<float>> parts(pieces);
    std::vector<double> losses(pieces);
    parallel_for(pieces, threads, [&](int64_t piece) {
      const int64_t first = piece * kPiece, count = std::min(kPiece, batch - first);
      losses[piece] = static_cast<double>(count) * loss_and_gradient(parameters, some.data() + first * width,
                                                                     their_labels.data() + first, count, parts[piece]);
    });
    gradient.assign(parameters.size(), 0.0f);
    double loss = 0;
    for (int64_t piece = 0; piece < pieces; ++piece) {
      const auto share = static_cast<float>(std::min(kPiece, batch - piece * kPiece)) / static_cast<float>(batch);
      for (size_t k = 0; k < gradient.size(); ++k) gradient[k] += share * parts[piece][k];
      loss += losses[piece];
    }
    for (size_t k = 0; k < gradient.size(); ++k) gradient[k] += static_cast<float>(decay) * parameters[k];
    return loss / static_cast<double>(batch);
  };
  DescentOptions options;
  options.updates = epochs * batches;
  options.rate = kRate;
  options.after_update = after_update;
  TrainingState state;
  state.parameters = parameters_;
  const bool finished = descend(objective, options, state);
  parameters_ = state.parameters;
  return finished;
}

std::vector<float> Teacher::activations(std::span<const float> inputs, int64_t rows, int threads) const {
  const int64_t width = hidden_units() + sizes_.back();
  std::vector<float> result(rows * width);
  constexpr int64_t kRows = 512;
  parallel_for((rows + kRows - 1) / kRows, threads, [&](int64_t piece) {
    const int64_t first = piece * kRows, count = std::min(kRows, rows - first);
    int64_t at = 0;
    for (const auto& layer : forward(parameters_, inputs.data() + first * sizes_[0], count)) {
      const int64_t units = static_cast<int64_t>(layer.size()) / count;
      for (int64_t row = 0; row < count; ++row)
        std::copy_n(layer.begin() + row * units, units, result.begin() + (first + row) * width + at);
      at += units;
    }
  });
  return result;
}

double Teacher::accuracy(std::span<const float> inputs, std::span<const int> labels, int threads) const {
  const auto rows = static_cast<int64_t>(labels.size());
  const int64_t width = hidden_units() + sizes_.back();
  const std::vector<float> all = activations(inputs, rows, threads);
  int64_t right = 0;
  for (int64_t row = 0; row < rows; ++row) {
    const auto* classes = all.data() + row * width + hidden_units();
    right += std::max_element(classes, classes + sizes_.back()) - classes == labels[row];
  }
  return static_cast<double>(right) / static_cast<double>(rows);
}

}  // namespace swell
