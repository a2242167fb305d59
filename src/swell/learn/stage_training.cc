#include "swell/learn/stage_training.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/kernels/dispatch.h"
#include "swell/kernels/rows.h"
#include "swell/physics/equilibrium.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kRowsPerPiece = 128;                // enough to be worth reading W for
constexpr int64_t kHiddenAtOnce = 64;                 // rows of W that one task updates
constexpr double kStageRate = 4;                      // of the numbers of single stages, in units of the rate of W
constexpr double kFollow = 2e-3;                      // share by which the average moves to the parameters
constexpr double kLossScale = 784;                    // of the derivative: keeps it far above Adam's smallest number
constexpr int64_t kHeldOutUpdate = int64_t{1} << 40;  // number of the draws of held-out examples

// How soft a hidden unit is: its variance without a field times the square of the field at which its response has
// bent by as much as a hyperbolic tangent at 1. Two wells lie far apart below the least, and change too slowly.
constexpr double kLeastSoftness = 2.2, kSoftnessPerNeed = 0.5;

double response_at(double J2, double J4, double force) { return unit_equilibrium(J2, 0, J4, force, 1, 400).mean; }

// The field at which the response is bent, and the variance without one.
struct Bend {
  double variance, field;
  double softness() const { return variance * field * field; }
};
Bend bend_of(double J2, double J4) {
  const double variance = unit_equilibrium(J2, 0, J4, 0, 1, 400).variance;
  double low = 0, high = 1;
  const double wanted = std::tanh(1.0);
  while (response_at(J2, J4, high) / (variance * high) > wanted) high *= 2;
  for (int k = 0; k < 50; ++k) {
    const double middle = 0.5 * (low + high);
    (response_at(J2, J4, middle) / (variance * middle) > wanted ? low : high) = middle;
  }
  return {variance, low};
}

// J2 of a unit with this softness, which rises with it. For other J4 than 1 energies scale as h^4 J4.
double stiffness_of(double softness, double J4) {
  const double scale = std::sqrt(J4);
  double low = -1 * scale, high = 1 * scale;
  while (bend_of(high, J4).softness() < softness) high *= 2;
  for (int k = 0; k < 40; ++k) {
    const double middle = 0.5 * (low + high);
    (bend_of(middle, J4).softness() < softness ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

constexpr float kReach = 32, kSpacing = 1.0f / 32;  // of the response's table, in units of the bend

std::vector<float> response_table(double J2, double J4, const Bend& bend) {
  const auto count = static_cast<int64_t>(2 * kReach / kSpacing) + 1;
  const double scale = std::sqrt(bend.softness() * bend.variance);  // lambda
  std::vector<float> nodes(2 * count);
  for (int64_t k = 0; k <= count / 2; ++k) {
    const double u = static_cast<double>(k) * static_cast<double>(kSpacing);
    const UnitEquilibrium law = unit_equilibrium(J2, 0, J4, u * bend.field, 1, 400);
    const int64_t up = count / 2 + k, down = count / 2 - k;
    nodes[2 * up] = static_cast<float>(law.mean / scale);
    nodes[2 * down] = -nodes[2 * up];
    nodes[2 * up + 1] = nodes[2 * down + 1] =
        static_cast<float>(law.variance * bend.field / scale * static_cast<double>(kSpacing));
  }
  nodes[2 * (count / 2)] = 0;
  return nodes;
}

}  // namespace

double StageLosses::mean() const {
  double sum = 0;
  for (const double one : loss) sum += one;
  return sum / static_cast<double>(loss.size());
}

// What stands fixed about a stage.
struct StageTrainer::Stage {
  double J2 = 0;  // of the hidden units
  Bend bend{};
  std::vector<float> nodes;                              // of the response
  double decay = 0, variance = 0, force = 0, scale = 0;  // A e^-t, s^2, f, spread of images and noise in z
  double share = 0;                                      // S
  double wiener = 0;                                     // error of the best linear estimate of a pixel by itself

  ResponseNodes response() const { return {nodes.data(), static_cast<int64_t>(nodes.size()) / 2, -kReach, kSpacing}; }
};

// Buffers of one piece, rows one after the other.
struct StageTrainer::Work {
  Work(int64_t rows, int64_t V, int64_t H, bool bf16)
      : visible_stride(padded_width(V)),
        hidden_stride(padded_width(H)),
        scaled(rows * visible_stride),
        target(rows * visible_stride),
        out(rows * visible_stride),
        d_out(rows * visible_stride),
        noise(rows * visible_stride),
        field(rows * hidden_stride),
        value(rows * hidden_stride),
        slope(rows * hidden_stride),
        coupled(rows * hidden_stride),
        d_field(rows * hidden_stride),
        label(rows),
        left_visible(Side::left, bf16, rows, V),
        left_hidden(Side::left, bf16, rows, H) {}
  int64_t visible_stride, hidden_stride;
  AlignedVector<float> scaled, target, out, d_out, noise;      // [rows][visible]
  AlignedVector<float> field, value, slope, coupled, d_field;  // [rows][hidden]
  std::vector<int> label;
  Operand left_visible, left_hidden;
};

StageTrainer::~StageTrainer() = default;

StageTrainer::StageTrainer(const Design& design, const DataSet& images, const StageTrainingOptions& options)
    : design_(design),
      images_(images),
      options_(options),
      form_(*design.stages),
      V_(form_.visible_units),
      H_(form_.hidden_units),
      L_(form_.labels),
      K_(form_.count),
      by_visible_(Side::right, options.bf16, H_, V_),
      by_hidden_(Side::right, options.bf16, V_, H_),
      left_slopes_(Side::left, options.bf16, H_, 2 * K_ * options.rows),
      right_slopes_(Side::right, options.bf16, V_, 2 * K_ * options.rows) {
  if (images.width() != V_)
    throw InputError(fmt::format("images of {} do not fit group '{}' of {} units; the same number of pixels is needed",
                                 fmt::join(images.shape, " x "), design.computer.groups[form_.visible].name, V_));
  if (images.rows() < 2)
    throw InputError(
        fmt::format("{} holds {} images; a machine of stages learns from two at least", images.source, images.rows()));
  if (options.rows < 1 || options.rows % Operand::kDepthStep != 0)
    throw InputError(fmt::format("{} examples of a stage in an update are not allowed; a multiple of {} is",
                                 options.rows, Operand::kDepthStep));
  if (L_ > 0) {
    if (images.labels.empty())
      throw InputError(
          fmt::format("{} has no labels; a machine with label units learns from images with classes", images.source));
    for (const int label : images.labels) {
      if (label < 0 || label >= L_)
        throw InputError(fmt::format("{} has the class {}; group '{}' has units for the classes 0 to {}", images.source,
                                     label, design.computer.groups[form_.label].name, L_ - 1));
    }
  }
  held_out_ = std::min<int64_t>(1000, images.rows() / 20);
  learned_ = images.rows() - held_out_;
  std::vector<double> sum(V_, 0.0);
  for (int64_t row = 0; row < learned_; ++row) {
    for (int64_t i = 0; i < V_; ++i) sum[i] += 0.5 * (images.row(row)[i] + 1);
  }
  for (const double total : sum) mean_.push_back(static_cast<float>(total / static_cast<double>(learned_)));
  pixels_.resize(images.rows() * V_);
  double squares = 0;
  for (int64_t row = 0; row < images.rows(); ++row) {
    for (int64_t i = 0; i < V_; ++i) {
      const double value = 0.5 * (images.row(row)[i] + 1) - static_cast<double>(mean_[i]);
      pixels_[row * V_ + i] = static_cast<float>(value);
      if (row < learned_) squares += value * value;
    }
  }
  spread_ = std::sqrt(squares / static_cast<double>(learned_ * V_));
  if (!(spread_ > 0)) throw InputError(fmt::format("the images of {} are all the same", images.source));
  const Group& hidden = design.computer.groups[form_.hidden];
  const double J4 = design.computer.J4[hidden.first];
  if (!(J4 > 0) || design.computer.J3[hidden.first] != 0)
    throw InputError(
        fmt::format("group '{}' has J3 = {}, J4 = {}; hidden units of a machine of stages have J4 > 0 and "
                    "J3 = 0",
                    hidden.name, design.computer.J3[hidden.first], J4));
  for (int64_t k = 0; k < K_; ++k) {
    Stage stage;
    const double t = form_.middle(k), rho = form_.rho(t);
    stage.decay = form_.decay(t);
    stage.variance = form_.variance(t);
    stage.force = 2 * stage.decay / stage.variance;
    stage.scale = std::sqrt(rho * rho + spread_ * spread_);
    stage.wiener = spread_ * spread_ * rho * rho / (stage.scale * stage.scale);
    // Symmetric couplings make the share of hidden units in D grow with their softness.
    const double need = 2 * spread_ * stage.scale / (rho * rho);
    stage.J2 = stiffness_of(std::max(kLeastSoftness, kSoftnessPerNeed * need), J4);
    stage.bend = bend_of(stage.J2, J4);
    stage.share = stage.bend.softness() / need;
    stage.nodes = response_table(stage.J2, J4, stage.bend);
    stages_.push_back(std::move(stage));
  }
  lay_out_parameters();
  stages_per_piece_ = std::clamp<int64_t>(kRowsPerPiece / options.rows, 1, K_);
  pieces_ = (K_ + stages_per_piece_ - 1) / stages_per_piece_;
  for (int64_t p = 0; p < pieces_; ++p) work_.emplace_back(stages_per_piece_ * options.rows, V_, H_, options.bf16);
}

void StageTrainer::lay_out_parameters() {
  int64_t at = 0;
  const auto take = [&](int64_t& place, int64_t count) {
    place = at;
    at += count;
  };
  take(layout_.gain, H_);
  take(layout_.bias, H_);
  take(layout_.label_hidden, L_ * H_);
  take(layout_.visible_bias, V_);
  take(layout_.label_visible, L_ * V_);
  take(layout_.own, 1);
  layout_.stage = at;
  layout_.W = H_ * V_;
}

std::vector<float> StageTrainer::initial_parameters() const {
  std::vector<float> parameters(layout_.size(K_), 0.0f);
  const NoiseKey key{options_.seed, stream::kInitial};
  const auto normal = [&](uint64_t what, uint64_t row, int64_t k) {
    return static_cast<double>(draw_normal(key, row, what, static_cast<uint64_t>(k)));
  };
  const auto uniform = [&](uint64_t row, uint64_t which) {
    return 0.5 * std::erfc(-normal(1, row, static_cast<int64_t>(which)) / std::numbers::sqrt2);
  };
  const std::vector<int64_t>& shape = design_.computer.groups[form_.visible].shape;
  constexpr double kNorm = 1.5, kMargin = 1.0 / 7;
  constexpr float kStiffBias = 3;
  std::vector<std::vector<int64_t>> of_class(std::max<int64_t>(1, L_));  // images
  for (int64_t image = 0; image < learned_; ++image) of_class[L_ > 0 ? images_.labels[image] : 0].push_back(image);
  std::vector<int64_t> class_of;
  for (int64_t l = 0; l < static_cast<int64_t>(of_class.size()); ++l) {
    if (of_class[l].size() >= 2) class_of.push_back(l);
  }
  const bool from_images = form_.from_images && !class_of.empty();
  for (int64_t h = 0; h < H_; ++h) {
    const auto row = static_cast<uint64_t>(h);
    double norm = 0;
    std::vector<double> w(V_);
    const bool local =
        form_.window_least > 0 && shape.size() == 2 && static_cast<double>(h) < form_.local * static_cast<double>(H_);
    const bool difference = from_images && !(static_cast<double>(h) < form_.local * static_cast<double>(H_));
    for (int64_t i = 0; i < V_ && !difference; ++i) w[i] = normal(0, row, i);
    if (difference) {
      const std::vector<int64_t>& images = of_class[class_of[h % static_cast<int64_t>(class_of.size())]];
      const auto count = static_cast<double>(images.size());
      const auto one = static_cast<size_t>(std::min(count - 1, count * uniform(row, 3)));
      const auto step = 1 + static_cast<size_t>(std::min(count - 2, (count - 1) * uniform(row, 4)));
      const float *a = pixels_.data() + images[one] * V_,
                  *b = pixels_.data() + images[(one + step) % images.size()] * V_;
      for (int64_t i = 0; i < V_; ++i) w[i] = static_cast<double>(a[i] - b[i]) + 1e-3 * normal(0, row, i);
    }
    const double wide = form_.window_least + (form_.window_most - form_.window_least) * uniform(row, 0);
    const auto centre = [&](int axis) {
      const double extent = static_cast<double>(local ? shape[axis] : 1);
      return extent * (kMargin + (1 - 2 * kMargin) * uniform(row, 1 + static_cast<uint64_t>(axis)));
    };
    const double y0 = centre(0), x0 = centre(1);
    for (int64_t i = 0; i < V_; ++i) {
      double window = 1;
      if (local) {
        const double y = static_cast<double>(i / shape[1]) - y0, x = static_cast<double>(i % shape[1]) - x0;
        window = std::exp(-(y * y + x * x) / (2 * wide * wide));
      }
      w[i] *= window;
      norm += w[i] * w[i];
    }
    for (int64_t i = 0; i < V_; ++i)
      parameters[h * V_ + i] = static_cast<float>(norm > 0 ? kNorm * w[i] / std::sqrt(norm) : 0.0);
  }
  for (int64_t k = 0; k < K_; ++k) {
    float* const stage = parameters.data() + layout_.W + k * layout_.stage;
    const double gain = std::sqrt(0.176 * static_cast<double>(V_) / static_cast<double>(H_) / stages_[k].share);
    for (int64_t h = 0; h < H_; ++h) {
      stage[layout_.gain + h] = static_cast<float>(gain);
      stage[layout_.bias + h] = static_cast<float>(normal(2, static_cast<uint64_t>(h), 0));  // alike in all stages
      for (int64_t l = 0; l < L_; ++l)
        stage[layout_.label_hidden + l * H_ + h] = static_cast<float>(0.3 * normal(3, static_cast<uint64_t>(h), l));
      // A unit that begins as the difference of two images of a class answers for that class, and is stiff for others.
      if (!from_images || static_cast<double>(h) < form_.local * static_cast<double>(H_)) continue;
      const float shift = normal(2, static_cast<uint64_t>(h), 0) > 0 ? kStiffBias : -kStiffBias;
      stage[layout_.bias + h] *= 0.3f;
      for (int64_t l = 0; l < L_; ++l) {
        if (l != class_of[h % static_cast<int64_t>(class_of.size())]) stage[layout_.label_hidden + l * H_ + h] += shift;
      }
    }
    stage[layout_.own] = 0.3f;
  }
  return parameters;
}

void StageTrainer::make_examples(int64_t update, int64_t k, int64_t rows, bool held_out, Work& work, int64_t at) const {
  const Stage& stage = stages_[k];
  const NoiseKey noise{options_.seed, stream::kLearning}, order{options_.seed, stream::kOrder};
  const auto first = static_cast<uint64_t>(k * rows);
  draw_rows(noise, first, rows, static_cast<uint64_t>(update), 0, V_, work.visible_stride,
            work.noise.data() + at * work.visible_stride);
  const StageRowKernels& kernels = stage_row_kernels();
  for (int64_t r = 0; r < rows; ++r) {
    const Words4 words = noise_words(order, 0, static_cast<uint64_t>(update), static_cast<uint32_t>(first) + r, 0);
    // Times are spread evenly over a stage, one in each of as many parts as there are examples.
    const double share = (static_cast<double>(r) + static_cast<double>(words.a) * 0x1p-32) / static_cast<double>(rows);
    const double t = form_.time[k + 1] + (form_.time[k] - form_.time[k + 1]) * share;
    const uint64_t draw = words.b | static_cast<uint64_t>(words.c) << 32;
    const int64_t image = held_out && held_out_ > 0
                              ? learned_ + static_cast<int64_t>(draw % static_cast<uint64_t>(held_out_))
                              : static_cast<int64_t>(draw % static_cast<uint64_t>(learned_));
    work.label[at + r] = L_ > 0 ? images_.labels[image] : 0;
    const double decay = form_.decay(t), variance = form_.variance(t);
    const int64_t place = (at + r) * work.visible_stride;
    kernels.make_example(V_, static_cast<float>(decay), static_cast<float>(std::sqrt(variance)),
                         static_cast<float>(1 / (stage.decay * stage.scale)),
                         static_cast<float>((2 / stage.variance - 2 / variance) / stage.force),
                         static_cast<float>(2 * decay / variance / stage.force), pixels_.data() + image * V_,
                         work.noise.data() + place, work.scaled.data() + place, work.target.data() + place);
  }
}

// From the field of the hidden units to what they answer.
void StageTrainer::forward(std::span<const float> parameters, int64_t k, int64_t rows, Work& work, int64_t at) const {
  const float* const numbers = parameters.data() + layout_.W + k * layout_.stage;
  const ResponseNodes response = stages_[k].response();
  const auto share = static_cast<float>(stages_[k].share);
  for (int64_t r = at; r < at + rows; ++r) {
    const float* label = L_ > 0 ? numbers + layout_.label_hidden + work.label[r] * H_ : nullptr;
    float* const value = work.value.data() + r * work.hidden_stride;
    float* const answer = work.coupled.data() + r * work.hidden_stride;
    stage_row_kernels().respond(response, H_, numbers + layout_.gain, numbers + layout_.bias, label,
                                work.field.data() + r * work.hidden_stride, value,
                                work.slope.data() + r * work.hidden_stride);
    for (int64_t h = 0; h < H_; ++h) answer[h] = share * numbers[layout_.gain + h] * value[h];
  }
}

void StageTrainer::fill_weights(std::span<const float> parameters) {
  parallel_for((H_ + kHiddenAtOnce - 1) / kHiddenAtOnce, options_.threads, [&](int64_t task) {
    const int64_t first = task * kHiddenAtOnce, count = std::min(kHiddenAtOnce, H_ - first);
    by_visible_.fill_width(first, count, parameters.data() + first * V_, V_);
    by_hidden_.fill_depth(first, count, parameters.data() + first * V_, V_);
  });
}

// Some stages of one update: their share of the loss, the derivative by their own numbers, and their part of both sides
// of the derivative by W.
double StageTrainer::piece(std::span<const float> parameters, int64_t update, int64_t p,
                           std::vector<float>& derivative) {
  Work& work = work_[p];
  const int64_t first = p * stages_per_piece_, last = std::min(first + stages_per_piece_, K_), n = options_.rows;
  const int64_t rows = (last - first) * n;
  for (int64_t k = first; k < last; ++k) make_examples(update, k, n, false, work, (k - first) * n);
  work.left_visible.fill_width(0, rows, work.scaled.data(), work.visible_stride);
  multiply(work.left_visible, 0, rows, by_visible_, work.field.data(), work.hidden_stride);
  for (int64_t k = first; k < last; ++k) forward(parameters, k, n, work, (k - first) * n);
  work.left_hidden.fill_width(0, rows, work.coupled.data(), work.hidden_stride);
  multiply(work.left_hidden, 0, rows, by_hidden_, work.out.data(), work.visible_stride);
  left_slopes_.fill_depth(first * n, rows, work.coupled.data(), work.hidden_stride);
  right_slopes_.fill_depth((K_ + first) * n, rows, work.scaled.data(), work.visible_stride);

  const StageRowKernels& kernels = stage_row_kernels();
  double loss = 0;
  for (int64_t k = first; k < last; ++k) {
    const float* const numbers = parameters.data() + layout_.W + k * layout_.stage;
    float* const slopes = derivative.data() + layout_.W + k * layout_.stage;
    std::fill_n(slopes, layout_.stage, 0.0f);
    const double per_example = 1 / (stages_[k].wiener * static_cast<double>(K_ * n * V_));
    double own = 0;
    for (int64_t r = (k - first) * n; r < (k - first + 1) * n; ++r) {
      const int64_t place = r * work.visible_stride, label = layout_.label_visible + work.label[r] * V_;
      const double squares = kernels.compare(
          V_, static_cast<float>(spread_), numbers[layout_.own], static_cast<float>(2 * kLossScale * per_example),
          work.out.data() + place, work.scaled.data() + place, numbers + layout_.visible_bias,
          L_ > 0 ? numbers + label : nullptr, work.target.data() + place, work.d_out.data() + place,
          slopes + layout_.visible_bias, L_ > 0 ? slopes + label : nullptr, &own);
      loss += squares * per_example;
    }
    slopes[layout_.own] = static_cast<float>(own);
  }
  work.left_visible.fill_width(0, rows, work.d_out.data(), work.visible_stride);
  multiply(work.left_visible, 0, rows, by_visible_, work.coupled.data(), work.hidden_stride);
  for (int64_t k = first; k < last; ++k) {
    const float* const numbers = parameters.data() + layout_.W + k * layout_.stage;
    float* const slopes = derivative.data() + layout_.W + k * layout_.stage;
    for (int64_t r = (k - first) * n; r < (k - first + 1) * n; ++r) {
      const int64_t place = r * work.hidden_stride;
      kernels.retreat(H_, static_cast<float>(stages_[k].share), numbers + layout_.gain, work.field.data() + place,
                      work.value.data() + place, work.slope.data() + place, work.coupled.data() + place,
                      slopes + layout_.gain, slopes + layout_.bias,
                      L_ > 0 ? slopes + layout_.label_hidden + work.label[r] * H_ : nullptr,
                      work.d_field.data() + place);
    }
  }
  left_slopes_.fill_depth((K_ + first) * n, rows, work.d_field.data(), work.hidden_stride);
  right_slopes_.fill_depth(first * n, rows, work.d_out.data(), work.visible_stride);
  return loss;
}

double StageTrainer::gradient(std::span<const float> parameters, int64_t update, std::vector<float>& derivative) {
  derivative.resize(parameters.size());
  fill_weights(parameters);
  double loss = 0;
  for (int64_t p = 0; p < pieces_; ++p) loss += piece(parameters, update, p, derivative);
  std::vector<float> slopes(padded_width(H_) * padded_width(V_));
  multiply(left_slopes_, 0, H_, right_slopes_, slopes.data(), padded_width(V_));
  for (int64_t h = 0; h < H_; ++h) std::copy_n(slopes.data() + h * padded_width(V_), V_, derivative.data() + h * V_);
  for (float& one : derivative) one /= static_cast<float>(kLossScale);
  return loss;
}

bool StageTrainer::train(TrainingState& state, const TrainingCourse& course) {
  if (state.parameters.empty()) state.parameters = initial_parameters();
  const size_t count = state.parameters.size();
  if (static_cast<int64_t>(count) != layout_.size(K_))
    throw InputError(
        fmt::format("the training to go on from has {} parameters; this one has {}", count, layout_.size(K_)));
  state.memory.resize(3);
  state.memory[0].resize(count, 0.0f);
  state.memory[1].resize(count, 0.0f);
  if (state.memory[2].empty()) state.memory[2] = state.parameters;
  std::vector<float>&mean = state.memory[0], &square = state.memory[1], &average = state.memory[2];
  std::vector<float> derivative(count);
  std::vector<double> losses(pieces_);
  const StageRowKernels& kernels = stage_row_kernels();
  const TrainingProgress after = course.after_update("stages", options_.updates);
  fill_weights(state.parameters);
  while (state.update < options_.updates) {
    const auto start = std::chrono::steady_clock::now();
    const double done = static_cast<double>(state.update), all = static_cast<double>(options_.updates);
    const double rise = std::min(1.0, (done + 1) / std::min(200.0, std::max(1.0, 0.05 * all)));
    const double rate = options_.rate * rise * 0.5 * (1 + std::cos(std::numbers::pi * done / all));
    const double taken = done + 1;
    const auto first = static_cast<float>(1 / (1 - std::pow(static_cast<double>(kAdaptMeanDecay), taken)));
    const auto second = static_cast<float>(1 / (1 - std::pow(static_cast<double>(kAdaptSquareDecay), taken)));
    const auto follow = static_cast<float>(std::max(kFollow, 1 / (taken + 1)));
    const auto adapt = [&](int64_t from, int64_t many, const float* slopes, double by) {
      kernels.adapt(many, static_cast<float>(by), first, second, follow, slopes, state.parameters.data() + from,
                    mean.data() + from, square.data() + from, average.data() + from);
    };
    parallel_for(pieces_, options_.threads, [&](int64_t p) {
      losses[p] = piece(state.parameters, state.update, p, derivative);
      for (int64_t k = p * stages_per_piece_; k < std::min((p + 1) * stages_per_piece_, K_); ++k) {
        const int64_t from = layout_.W + k * layout_.stage;
        adapt(from, layout_.stage, derivative.data() + from, kStageRate * rate);
      }
    });
    double loss = 0;
    for (const double one : losses) loss += one;
    if (!std::isfinite(loss))
      throw InputError(fmt::format("the loss is {} at update {}; a smaller rate than {:g} is needed", loss,
                                   state.update, options_.rate));
    parallel_for((H_ + kHiddenAtOnce - 1) / kHiddenAtOnce, options_.threads, [&](int64_t task) {
      const int64_t from = task * kHiddenAtOnce, many = std::min(kHiddenAtOnce, H_ - from);
      const int64_t stride = padded_width(V_);
      thread_local AlignedVector<float> slopes;
      slopes.resize(kHiddenAtOnce * stride);
      multiply(left_slopes_, from, many, right_slopes_, slopes.data(), stride);
      for (int64_t h = from; h < from + many; ++h) adapt(h * V_, V_, slopes.data() + (h - from) * stride, rate);
      by_visible_.fill_width(from, many, state.parameters.data() + from * V_, V_);
      by_hidden_.fill_depth(from, many, state.parameters.data() + from * V_, V_);
    });
    ++state.update;
    state.loss.push_back(loss);
    state.evaluations += K_ * options_.rows;
    state.wall_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!after(state)) return state.update >= options_.updates;
  }
  return true;
}

StageLosses StageTrainer::losses(const TrainingState& state, int64_t rows) const {
  const std::vector<float>& parameters = state.memory.size() > 2 ? state.memory[2] : state.parameters;
  Operand by_visible(Side::right, options_.bf16, H_, V_), by_hidden(Side::right, options_.bf16, V_, H_);
  by_visible.fill_width(0, H_, parameters.data(), V_);
  by_hidden.fill_depth(0, H_, parameters.data(), V_);
  StageLosses result;
  result.loss.resize(K_);
  result.error.resize(K_);
  parallel_for(K_, options_.threads, [&](int64_t k) {
    Work work(rows, V_, H_, options_.bf16);
    make_examples(kHeldOutUpdate, k, rows, true, work, 0);
    work.left_visible.fill_width(0, rows, work.scaled.data(), work.visible_stride);
    multiply(work.left_visible, 0, rows, by_visible, work.field.data(), work.hidden_stride);
    forward(parameters, k, rows, work, 0);
    work.left_hidden.fill_width(0, rows, work.coupled.data(), work.hidden_stride);
    multiply(work.left_hidden, 0, rows, by_hidden, work.out.data(), work.visible_stride);
    const float* const numbers = parameters.data() + layout_.W + k * layout_.stage;
    std::vector<float> d_out(work.visible_stride), d_bias(V_), d_label(V_);
    double sum = 0, squares = 0, own = 0;
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t place = r * work.visible_stride;
      const double error =
          stage_row_kernels().compare(
              V_, static_cast<float>(spread_), numbers[layout_.own], 0.0f, work.out.data() + place,
              work.scaled.data() + place, numbers + layout_.visible_bias,
              L_ > 0 ? numbers + layout_.label_visible + work.label[r] * V_ : nullptr, work.target.data() + place,
              d_out.data(), d_bias.data(), L_ > 0 ? d_label.data() : nullptr, &own) /
          (static_cast<double>(V_) * stages_[k].wiener);
      sum += error;
      squares += error * error;
    }
    const double count = static_cast<double>(rows), mean = sum / count;
    result.loss[k] = mean;
    result.error[k] = std::sqrt(std::max(0.0, squares / count - mean * mean) / std::max(1.0, count - 1));
  });
  return result;
}

Stages StageTrainer::machine(const TrainingState& state) const {
  const std::vector<float>& parameters = state.memory.size() > 2 ? state.memory[2] : state.parameters;
  Stages machine = form_;
  machine.W.assign(parameters.begin(), parameters.begin() + layout_.W);
  machine.mean = mean_;
  for (int64_t k = 0; k < K_; ++k) {
    const Stage& stage = stages_[k];
    const float* const numbers = parameters.data() + layout_.W + k * layout_.stage;
    const double field = stage.bend.field;
    const auto append = [&](std::vector<float>& to, int64_t from, int64_t count, double factor) {
      for (int64_t i = 0; i < count; ++i)
        to.push_back(static_cast<float>(factor * static_cast<double>(numbers[from + i])));
    };
    append(machine.gain, layout_.gain, H_, field / (stage.decay * stage.scale));
    append(machine.hidden_bias, layout_.bias, H_, -field);
    append(machine.label_hidden, layout_.label_hidden, L_ * H_, -field);
    append(machine.visible_bias, layout_.visible_bias, V_, -stage.force);
    append(machine.label_visible, layout_.label_visible, L_ * V_, -stage.force);
    const double own = static_cast<double>(numbers[layout_.own]);
    const double slope = 1 - 2 / stage.variance + stage.force * spread_ * own / (stage.decay * stage.scale);
    machine.visible_J2.push_back(static_cast<float>(-0.5 * slope));
    machine.hidden_J2.push_back(static_cast<float>(stage.J2));
  }
  return machine;
}

StageTrainer::Example StageTrainer::held_out_example(int64_t k, int64_t number) const {
  Work work(1, V_, 16, false);
  make_examples(kHeldOutUpdate + 1 + number, k, 1, true, work, 0);
  const Stage& stage = stages_[k];
  Example example;
  example.label = work.label[0];
  for (int64_t i = 0; i < V_; ++i) {
    const double x = static_cast<double>(work.scaled[i]) * stage.decay * stage.scale;
    example.x.push_back(static_cast<float>(x));
    example.force.push_back(
        static_cast<float>(x * (1 - 2 / stage.variance) + stage.force * static_cast<double>(work.target[i])));
  }
  return example;
}

double StageTrainer::loss_of_force(int64_t k) const {
  const Stage& stage = stages_[k];
  return 1 / (stage.force * stage.force * static_cast<double>(V_) * stage.wiener);
}

}  // namespace swell
