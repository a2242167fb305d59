#include "swell/learn/denoising_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/io/safetensors.h"
#include "swell/kernels/rows.h"
#include "swell/learn/averaged_adam.h"
#include "swell/learn/stage_start.h"
#include "swell/ledger/statistics.h"
#include "swell/model/machine_file.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kRowsAtOnce = 128;   // enough to be worth reading W for
constexpr int64_t kHiddenAtOnce = 64;  // rows of W that one task updates
constexpr double kLevelRate = 4;       // of the numbers of single levels and of labels, in units of the rate of W
constexpr double kLossScale = 784;     // of the derivative: keeps it far above Adam's smallest number
constexpr int64_t kHeldOutUpdate = int64_t{1} << 40;  // number of the draws of held-out examples
constexpr float kReach = 32, kSpacing = 1.0f / 32;    // of the table of the activation

// u / (1 + e^-u), as the kernel wants it: values, and slopes times the spacing, at nodes.
const std::vector<float>& activation_nodes() {
  static const std::vector<float> nodes = [] {
    std::vector<float> made;
    const auto count = static_cast<int64_t>(2 * kReach / kSpacing) + 1;
    for (int64_t k = 0; k < count; ++k) {
      const double u = static_cast<double>(kSpacing) * static_cast<double>(k) - static_cast<double>(kReach);
      const double gate = 1 / (1 + std::exp(-u));
      made.push_back(static_cast<float>(u * gate));
      made.push_back(static_cast<float>(static_cast<double>(kSpacing) * gate * (1 + u * (1 - gate))));
    }
    return made;
  }();
  return nodes;
}

ResponseNodes activation() {
  const std::vector<float>& nodes = activation_nodes();
  return {nodes.data(), static_cast<int64_t>(nodes.size()) / 2, -kReach, kSpacing};
}

// Where parameters lie.
struct Layout {
  explicit Layout(const NetworkForm& form) : form_(form) {
    const int64_t V = form.visible, H = form.hidden, L = form.labels;
    down = H * V;
    label_hidden = 2 * H * V;
    label_visible = label_hidden + L * H;
    levels = label_visible + L * V;
    per_level = 3 * H + V + 1 + (L > 0 ? H + V : 0);
    size = levels + form.levels * per_level;
  }
  int64_t down, label_hidden, label_visible, levels, per_level, size;

  int64_t gain(int64_t k) const { return levels + k * per_level; }
  int64_t bias(int64_t k) const { return gain(k) + form_.hidden; }
  int64_t out_gain(int64_t k) const { return bias(k) + form_.hidden; }
  int64_t visible_bias(int64_t k) const { return out_gain(k) + form_.hidden; }
  int64_t own(int64_t k) const { return visible_bias(k) + form_.visible; }
  int64_t label_gain(int64_t k) const { return own(k) + 1; }
  int64_t label_visible_gain(int64_t k) const { return label_gain(k) + form_.hidden; }
  LabelRow of_hidden(const float* parameters, int64_t k, int label) const {
    if (form_.labels == 0) return {nullptr, nullptr};
    return {parameters + label_gain(k), parameters + label_hidden + label * form_.hidden};
  }
  LabelRow of_visible(const float* parameters, int64_t k, int label) const {
    if (form_.labels == 0) return {nullptr, nullptr};
    return {parameters + label_visible_gain(k), parameters + label_visible + label * form_.visible};
  }

 private:
  const NetworkForm& form_;
};

// p, q and the scale of z, at a noise.
struct Shares {
  double own, network, scale;
};
Shares shares(double rho, double spread) {
  const double square = rho * rho + spread * spread, scale = std::sqrt(square);
  return {spread * spread / square, rho * spread / scale, scale};
}

double rho_between(const NetworkForm& form, double share) {
  return geometric_at(form.noise_first, form.noise_last, share);
}

// Hidden units of rows that are side by side in memory, with slopes; and what they exert on the way back.
void respond(const Layout& layout, const float* parameters, int64_t k, int label, int64_t H, const float* field,
             float* value, float* slope, float* exerted) {
  stage_row_kernels().respond(activation(), H, parameters + layout.gain(k), parameters + layout.bias(k),
                              layout.of_hidden(parameters, k, label), field, value, slope);
  const float* const out_gain = parameters + layout.out_gain(k);
  for (int64_t h = 0; h < H; ++h) exerted[h] = out_gain[h] * value[h];
}

NetworkForm form_of(const Design& design, double spread) {
  const Stages& stages = *design.stages;
  return {design.computer.groups[stages.visible].shape,
          stages.visible_units,
          stages.hidden_units,
          stages.count,
          stages.labels,
          stages.classes,
          stages.styles,
          stages.noise_first,
          stages.noise_last,
          spread};
}

}  // namespace

int64_t NetworkForm::level(double rho) const {
  const double place = std::log(rho / noise_first) / std::log(noise_last / noise_first);
  return std::clamp(static_cast<int64_t>(std::floor(place * static_cast<double>(levels))), int64_t{0}, levels - 1);
}

// Buffers of the examples of consecutive levels, rows one after the other.
struct NetworkTrainer::Work {
  Work(int64_t first_level, int64_t last_level, int64_t rows_of_level, int64_t V, int64_t H, bool bf16)
      : first(first_level),
        last(last_level),
        rows((last_level - first_level) * rows_of_level),
        visible_stride(padded_width(V)),
        hidden_stride(padded_width(H)),
        scaled(rows * visible_stride),
        target(rows * visible_stride),
        out(rows * visible_stride),
        d_out(rows * visible_stride),
        noise(rows * visible_stride),
        d_label_visible(rows * visible_stride),
        field(rows * hidden_stride),
        value(rows * hidden_stride),
        slope(rows * hidden_stride),
        exerted(rows * hidden_stride),
        d_exerted(rows * hidden_stride),
        d_field(rows * hidden_stride),
        d_label_hidden(rows * hidden_stride),
        label(rows),
        left_visible(Side::left, bf16, rows, V),
        left_hidden(Side::left, bf16, rows, H) {}
  int64_t first, last, rows, visible_stride, hidden_stride;
  AlignedVector<float> scaled, target, out, d_out, noise, d_label_visible;                // [rows][visible]
  AlignedVector<float> field, value, slope, exerted, d_exerted, d_field, d_label_hidden;  // [rows][hidden]
  std::vector<int> label;                                                                 // [rows]
  Operand left_visible, left_hidden;
};

NetworkTrainer::~NetworkTrainer() = default;

NetworkTrainer::NetworkTrainer(const Design& design, const DataSet& images, const StageTrainingOptions& options)
    : design_(design),
      options_(options),
      images_(stage_images(design, images, options.threads, options.go_on)),
      form_(form_of(design, images_.spread)),
      by_visible_(Side::right, options.bf16, form_.hidden, form_.visible),
      by_hidden_(Side::right, options.bf16, form_.visible, form_.hidden),
      back_(Side::right, options.bf16, form_.hidden, form_.visible),
      left_up_(Side::left, options.bf16, form_.hidden, form_.levels * options.rows),
      right_up_(Side::right, options.bf16, form_.visible, form_.levels * options.rows),
      left_down_(Side::left, options.bf16, form_.hidden, form_.levels * options.rows),
      right_down_(Side::right, options.bf16, form_.visible, form_.levels * options.rows) {
  if (options.rows < 1 || options.rows % Operand::kDepthStep != 0)
    throw InputError(fmt::format("{} examples of a level in an update are not allowed; a multiple of {} is",
                                 options.rows, Operand::kDepthStep));
  const int64_t at_once = std::max<int64_t>(1, kRowsAtOnce / options.rows);
  for (int64_t k = 0; k < form_.levels; k += at_once)
    work_.emplace_back(k, std::min(form_.levels, k + at_once), options.rows, form_.visible, form_.hidden, options.bf16);
}

// As a machine of stages begins: hidden units see how an image differs from the mean of its style, along differences of
// images or windows of noise; nothing comes back from them yet, and the rest is the best linear estimate about that
// mean.
std::vector<float> NetworkTrainer::initial_parameters() const {
  const Layout layout(form_);
  const int64_t V = form_.visible, H = form_.hidden, L = form_.labels;
  std::vector<float> parameters(layout.size, 0.0f);
  const StageStart start = start_of_stages(design_, {images_.pixels.data(), images_.pixels.size()},
                                           images_.styles.of_image, images_.learned, options_.seed);
  std::ranges::copy(start.W, parameters.begin());
  for (int64_t l = 0; l < L; ++l) {
    for (int64_t i = 0; i < V; ++i)
      parameters[layout.label_visible + l * V + i] = static_cast<float>(start.mean[l * V + i]);
    for (int64_t h = 0; h < H; ++h) {
      double sum = 0;
      for (int64_t i = 0; i < V; ++i) sum += static_cast<double>(parameters[h * V + i]) * start.mean[l * V + i];
      parameters[layout.label_hidden + l * H + h] = static_cast<float>(-sum);
    }
  }
  const NoiseKey key{options_.seed, stream::kInitial};
  for (int64_t k = 0; k < form_.levels; ++k) {
    const Shares share =
        shares(rho_between(form_, (static_cast<double>(k) + 0.5) / static_cast<double>(form_.levels)), form_.spread);
    std::fill_n(parameters.begin() + layout.gain(k), H, 1.0f);
    std::fill_n(parameters.begin() + layout.out_gain(k), H, 1.0f);
    for (int64_t h = 0; h < H; ++h)
      parameters[layout.bias(k) + h] = 0.5f * draw_normal(key, static_cast<uint64_t>(h), 2, 0);
    if (L == 0) continue;
    std::fill_n(parameters.begin() + layout.label_gain(k), H, static_cast<float>(1 / share.scale));
    std::fill_n(parameters.begin() + layout.label_visible_gain(k), V,
                static_cast<float>((1 - share.own) / share.network));
  }
  return parameters;
}

void NetworkTrainer::make_examples(int64_t update, int64_t k, int64_t rows, bool held_out, Work& work,
                                   int64_t at) const {
  const NoiseKey noise{options_.seed, stream::kLearning}, order{options_.seed, stream::kOrder};
  const auto first = static_cast<uint64_t>(k * rows);
  draw_rows(noise, first, rows, static_cast<uint64_t>(update), 0, form_.visible, work.visible_stride,
            work.noise.data() + at * work.visible_stride);
  for (int64_t r = 0; r < rows; ++r) {
    const Words4 words = noise_words(order, 0, static_cast<uint64_t>(update), static_cast<uint32_t>(k * rows + r), 0);
    // Noises are spread evenly over a level, one in each of as many parts as there are examples.
    const double part = (static_cast<double>(r) + static_cast<double>(words.a) * 0x1p-32) / static_cast<double>(rows);
    const double rho = rho_between(form_, (static_cast<double>(k) + part) / static_cast<double>(form_.levels));
    const int64_t image = images_.choose(words.b | static_cast<uint64_t>(words.c) << 32, held_out);
    work.label[at + r] = images_.styles.of_image[image];
    const Shares share = shares(rho, form_.spread);
    const int64_t place = (at + r) * work.visible_stride;
    stage_row_kernels().make_example(form_.visible, 1.0f, static_cast<float>(rho), static_cast<float>(1 / share.scale),
                                     static_cast<float>(-share.own / share.network),
                                     static_cast<float>(1 / share.network), images_.row(image),
                                     work.noise.data() + place, work.scaled.data() + place, work.target.data() + place);
  }
}

void NetworkTrainer::fill_weights(std::span<const float> parameters, int64_t first, int64_t count) {
  const int64_t V = form_.visible;
  const float* const up = parameters.data() + first * V;
  const float* const down = parameters.data() + Layout(form_).down + first * V;
  by_visible_.fill_width(first, count, up, V);
  by_hidden_.fill_depth(first, count, down, V);
  back_.fill_width(first, count, down, V);
}

// The examples of some levels: their share of the loss, and the derivative by the numbers of their levels.
double NetworkTrainer::derive(std::span<const float> parameters, int64_t update, Work& work,
                              std::vector<float>& derivative) {
  const Layout layout(form_);
  const StageRowKernels& kernels = stage_row_kernels();
  const int64_t V = form_.visible, H = form_.hidden, n = options_.rows;
  const float* const p = parameters.data();
  float* const d = derivative.data();
  for (int64_t k = work.first; k < work.last; ++k) make_examples(update, k, n, false, work, (k - work.first) * n);
  work.left_visible.fill_width(0, work.rows, work.scaled.data(), work.visible_stride);
  multiply(work.left_visible, 0, work.rows, by_visible_, work.field.data(), work.hidden_stride);
  for (int64_t r = 0; r < work.rows; ++r) {
    const int64_t at = r * work.hidden_stride;
    respond(layout, p, work.first + r / n, work.label[r], H, work.field.data() + at, work.value.data() + at,
            work.slope.data() + at, work.exerted.data() + at);
  }
  work.left_hidden.fill_width(0, work.rows, work.exerted.data(), work.hidden_stride);
  multiply(work.left_hidden, 0, work.rows, by_hidden_, work.out.data(), work.visible_stride);

  std::ranges::fill(work.d_label_visible, 0.0f);
  const double per_example = 1 / static_cast<double>(form_.levels * n * V);
  double loss = 0;
  for (int64_t k = work.first; k < work.last; ++k)
    std::fill_n(derivative.begin() + layout.gain(k), layout.per_level, 0.0f);
  for (int64_t r = 0; r < work.rows; ++r) {
    const int64_t k = work.first + r / n, at = r * work.visible_stride;
    double own = 0;
    const LabelSlopes slopes{d + layout.label_visible_gain(k), work.d_label_visible.data() + at};
    loss += per_example * kernels.compare(V, 1.0f, p[layout.own(k)], static_cast<float>(2 * kLossScale * per_example),
                                          work.out.data() + at, work.scaled.data() + at, p + layout.visible_bias(k),
                                          layout.of_visible(p, k, work.label[r]), work.target.data() + at,
                                          work.d_out.data() + at, d + layout.visible_bias(k), slopes, &own);
    d[layout.own(k)] += static_cast<float>(own);
  }
  work.left_visible.fill_width(0, work.rows, work.d_out.data(), work.visible_stride);
  multiply(work.left_visible, 0, work.rows, back_, work.d_exerted.data(), work.hidden_stride);
  for (int64_t r = 0; r < work.rows; ++r) {
    const int64_t k = work.first + r / n, at = r * work.hidden_stride;
    const LabelRow label = layout.of_hidden(p, k, work.label[r]);
    const float *gain = p + layout.gain(k), *out_gain = p + layout.out_gain(k);
    float *d_gain = d + layout.gain(k), *d_bias = d + layout.bias(k), *d_out_gain = d + layout.out_gain(k);
    float* const d_label_gain = d + layout.label_gain(k);
    for (int64_t h = 0; h < H; ++h) {
      const float from = work.d_exerted[at + h];
      const float d_u = from * out_gain[h] * work.slope[at + h];
      d_out_gain[h] += from * work.value[at + h];
      d_gain[h] += d_u * work.field[at + h];
      d_bias[h] += d_u;
      work.d_field[at + h] = d_u * gain[h];
      if (!label.coupling) continue;
      d_label_gain[h] += d_u * label.coupling[h];
      work.d_label_hidden[at + h] = d_u * label.gain[h];
    }
  }
  left_up_.fill_depth(work.first * n, work.rows, work.d_field.data(), work.hidden_stride);
  right_up_.fill_depth(work.first * n, work.rows, work.scaled.data(), work.visible_stride);
  left_down_.fill_depth(work.first * n, work.rows, work.exerted.data(), work.hidden_stride);
  right_down_.fill_depth(work.first * n, work.rows, work.d_out.data(), work.visible_stride);
  return loss;
}

void NetworkTrainer::gather_weights(int64_t first, int64_t count, float* up, float* down) const {
  const int64_t V = form_.visible, depth = form_.levels * options_.rows, stride = padded_width(V);
  multiply(left_up_, right_up_, {first, count, 0, V, 0, 0, depth}, up, stride);
  multiply(left_down_, right_down_, {first, count, 0, V, 0, 0, depth}, down, stride);
}

void NetworkTrainer::gather_label(int64_t l, std::vector<float>& derivative) const {
  const Layout layout(form_);
  const int64_t V = form_.visible, H = form_.hidden;
  float* const hidden = derivative.data() + layout.label_hidden + l * H;
  float* const visible = derivative.data() + layout.label_visible + l * V;
  std::fill_n(hidden, H, 0.0f);
  std::fill_n(visible, V, 0.0f);
  for (const Work& work : work_) {
    for (int64_t r = 0; r < work.rows; ++r) {
      if (work.label[r] != l) continue;
      for (int64_t h = 0; h < H; ++h) hidden[h] += work.d_label_hidden[r * work.hidden_stride + h];
      for (int64_t i = 0; i < V; ++i) visible[i] += work.d_label_visible[r * work.visible_stride + i];
    }
  }
}

double NetworkTrainer::gradient(std::span<const float> parameters, int64_t update, std::vector<float>& derivative) {
  const int64_t V = form_.visible, H = form_.hidden, stride = padded_width(V), down = Layout(form_).down;
  derivative.assign(parameters.size(), 0.0f);
  fill_weights(parameters, 0, H);
  double loss = 0;
  for (Work& work : work_) loss += derive(parameters, update, work, derivative);
  for (int64_t l = 0; l < form_.labels; ++l) gather_label(l, derivative);
  const int64_t room = padded_width(H);
  std::vector<float> up(room * stride), back(room * stride);
  gather_weights(0, H, up.data(), back.data());
  for (int64_t h = 0; h < H; ++h) {
    std::copy_n(up.data() + h * stride, V, derivative.data() + h * V);
    std::copy_n(back.data() + h * stride, V, derivative.data() + down + h * V);
  }
  for (float& one : derivative) one /= static_cast<float>(kLossScale);
  return loss;
}

bool NetworkTrainer::train(TrainingState& state, const TrainingCourse& course) {
  const Layout layout(form_);
  const int64_t V = form_.visible, H = form_.hidden, L = form_.labels;
  if (state.parameters.empty()) state.parameters = initial_parameters();
  const auto count = static_cast<int64_t>(state.parameters.size());
  if (count != layout.size)
    throw InputError(fmt::format("the training to go on from has {} parameters; this one has {}", count, layout.size));
  prepare_adam(state);
  std::vector<float> derivative(count);
  std::vector<double> losses(work_.size());
  const AfterUpdate after = course.after_update("network", options_.updates);
  fill_weights(state.parameters, 0, H);
  while (state.update < options_.updates) {
    const auto start = std::chrono::steady_clock::now();
    const double rate = options_.rate * share_of_rate(state.update, options_.updates);
    const AdamStep step(state);
    parallel_for(static_cast<int64_t>(work_.size()), options_.threads, [&](int64_t p) {
      Work& work = work_[p];
      losses[p] = derive(state.parameters, state.update, work, derivative);
      const int64_t from = layout.gain(work.first);
      step(from, layout.gain(work.last) - from, derivative.data() + from, kLevelRate * rate);
    });
    double loss = 0;
    for (const double one : losses) loss += one;
    if (!std::isfinite(loss))
      throw InputError(fmt::format("the loss is {} at update {}; a smaller rate than {:g} is needed", loss,
                                   state.update, options_.rate));
    parallel_for((H + kHiddenAtOnce - 1) / kHiddenAtOnce, options_.threads, [&](int64_t task) {
      const int64_t from = task * kHiddenAtOnce, many = std::min(kHiddenAtOnce, H - from), stride = padded_width(V);
      thread_local AlignedVector<float> up, down;
      up.resize(kHiddenAtOnce * stride);
      down.resize(kHiddenAtOnce * stride);
      gather_weights(from, many, up.data(), down.data());
      for (int64_t h = 0; h < many; ++h) {
        step((from + h) * V, V, up.data() + h * stride, rate);
        step(layout.down + (from + h) * V, V, down.data() + h * stride, rate);
      }
      fill_weights(state.parameters, from, many);
    });
    parallel_for(L, options_.threads, [&](int64_t l) {
      gather_label(l, derivative);
      step(layout.label_hidden + l * H, H, derivative.data() + layout.label_hidden + l * H, kLevelRate * rate);
      step(layout.label_visible + l * V, V, derivative.data() + layout.label_visible + l * V, rate);
    });
    ++state.update;
    state.loss.push_back(loss);
    state.evaluations += form_.levels * options_.rows;
    state.wall_s += seconds_since(start);
    if (!after(state)) return state.update >= options_.updates;
  }
  return true;
}

StageLosses NetworkTrainer::losses(const TrainingState& state, int64_t rows) const {
  const DenoisingNetwork learned = network(state);
  const Denoiser denoiser(learned);
  const int64_t V = form_.visible;
  StageLosses result;
  for (int64_t k = 0; k < form_.levels; ++k) {
    const NoiseKey noise{options_.seed, stream::kLearning}, order{options_.seed, stream::kOrder};
    std::vector<NoisyRow> noisy(rows);
    std::vector<float> y(rows * V), clean(rows * V), draws(rows * V);
    std::vector<int64_t> image(rows);
    draw_rows(noise, static_cast<uint64_t>(k * rows), rows, kHeldOutUpdate, 0, V, V, draws.data());
    for (int64_t r = 0; r < rows; ++r) {
      const Words4 words = noise_words(order, 0, kHeldOutUpdate, static_cast<uint32_t>(k * rows + r), 0);
      const double part = (static_cast<double>(r) + 0.5) / static_cast<double>(rows);
      image[r] = images_.choose(words.b | static_cast<uint64_t>(words.c) << 32, true);
      noisy[r] = {rho_between(form_, (static_cast<double>(k) + part) / static_cast<double>(form_.levels)),
                  images_.styles.of_image[image[r]]};
      for (int64_t i = 0; i < V; ++i)
        y[r * V + i] = images_.row(image[r])[i] + static_cast<float>(noisy[r].rho) * draws[r * V + i];
    }
    denoiser.denoise(noisy, y.data(), clean.data());
    std::vector<double> losses;
    for (int64_t r = 0; r < rows; ++r) {
      double squares = 0;
      for (int64_t i = 0; i < V; ++i) {
        const double error = static_cast<double>(clean[r * V + i]) - static_cast<double>(images_.row(image[r])[i]);
        squares += error * error;
      }
      const double network = shares(noisy[r].rho, form_.spread).network;
      losses.push_back(squares / (static_cast<double>(V) * network * network));
    }
    const Estimate mean = estimate(losses);
    result.loss.push_back(mean.mean);
    result.error.push_back(mean.stderr_of_mean);
  }
  return result;
}

DenoisingNetwork NetworkTrainer::network(const TrainingState& state) const {
  const std::vector<float>& parameters = state.memory.size() > 2 ? state.memory[2] : state.parameters;
  const StageStart start = start_of_stages(design_, {images_.pixels.data(), images_.pixels.size()},
                                           images_.styles.of_image, images_.learned, options_.seed);
  return {form_, parameters, images_.mean, {start.mean.begin(), start.mean.end()}, images_.styles.share};
}

Denoiser::Denoiser(const DenoisingNetwork& network)
    : network_(network),
      by_visible_(Side::right, false, network.form.hidden, network.form.visible),
      by_hidden_(Side::right, false, network.form.visible, network.form.hidden) {
  const float* const parameters = network.parameters.data();
  by_visible_.fill_width(0, network.form.hidden, parameters, network.form.visible);
  by_hidden_.fill_depth(0, network.form.hidden, parameters + Layout(network.form).down, network.form.visible);
}

void Denoiser::denoise(std::span<const NoisyRow> rows, const float* y, float* estimate) const {
  const NetworkForm& form = network_.form;
  const Layout layout(form);
  const float* const p = network_.parameters.data();
  const auto count = static_cast<int64_t>(rows.size());
  const int64_t V = form.visible, H = form.hidden, room = padded_width(count);
  const int64_t visible_stride = padded_width(V), hidden_stride = padded_width(H);
  AlignedVector<float> z(room * visible_stride), out(room * visible_stride);
  AlignedVector<float> field(room * hidden_stride), value(hidden_stride), slope(hidden_stride);
  std::vector<Shares> share;
  for (int64_t r = 0; r < count; ++r) {
    share.push_back(shares(rows[r].rho, form.spread));
    for (int64_t i = 0; i < V; ++i) z[r * visible_stride + i] = y[r * V + i] * static_cast<float>(1 / share[r].scale);
  }
  Operand left(Side::left, false, count, V), left_hidden(Side::left, false, count, H);
  left.fill_width(0, count, z.data(), visible_stride);
  multiply(left, 0, count, by_visible_, field.data(), hidden_stride);
  for (int64_t r = 0; r < count; ++r) {
    float* const of_row = field.data() + r * hidden_stride;
    respond(layout, p, form.level(rows[r].rho), rows[r].label, H, of_row, value.data(), slope.data(), of_row);
  }
  left_hidden.fill_width(0, count, field.data(), hidden_stride);
  multiply(left_hidden, 0, count, by_hidden_, out.data(), visible_stride);
  for (int64_t r = 0; r < count; ++r) {
    const int64_t k = form.level(rows[r].rho);
    const LabelRow label = layout.of_visible(p, k, rows[r].label);
    for (int64_t i = 0; i < V; ++i) {
      const int64_t at = r * visible_stride + i;
      float F = out[at] + p[layout.own(k)] * z[at] + p[layout.visible_bias(k) + i];
      if (label.coupling) F += label.gain[i] * label.coupling[i];
      estimate[r * V + i] = static_cast<float>(share[r].own) * y[r * V + i] + static_cast<float>(share[r].network) * F;
    }
  }
}

void write_network(const std::filesystem::path& path, const DenoisingNetwork& network,
                   const std::map<std::string, std::string>& notes) {
  const auto tensor = [](const std::vector<float>& values, std::vector<int64_t> shape) {
    return Tensor{std::move(shape), {values.begin(), values.end()}, Dtype::F32};
  };
  const NetworkForm& form = network.form;
  const auto numbers = [](const std::vector<int64_t>& whole) {
    return Tensor{{static_cast<int64_t>(whole.size())}, {whole.begin(), whole.end()}, Dtype::F64};
  };
  Safetensors file;
  file.tensors["network.parameters"] = tensor(network.parameters, {Layout(form).size});
  file.tensors["network.mean"] = tensor(network.mean, {form.visible});
  file.tensors["network.style_mean"] = tensor(network.style_mean, {std::max<int64_t>(1, form.labels), form.visible});
  file.tensors["network.style_share"] = tensor(network.style_share, {form.labels});
  file.tensors["network.shape"] = numbers(form.shape);
  file.tensors["network.sizes"] = numbers({form.hidden, form.levels, form.classes, form.styles});
  file.tensors["network.noise"] = {{3}, {form.noise_first, form.noise_last, form.spread}, Dtype::F64};
  file.metadata = notes;
  file.metadata.insert_or_assign("network", std::string(1, '1'));
  write_safetensors(path, file);
}

NetworkFile read_network(const std::filesystem::path& path) {
  Safetensors file = read_safetensors(path);
  const std::string name = path.string();
  if (!file.metadata.contains("network") || file.metadata["network"] != "1")
    throw IoError(fmt::format("{} is not a network of 'swell rival train': its metadata has no 'network' = 1", name));
  const auto take = [&](const char* key, const std::vector<int64_t>& shape) {
    return require_tensor(file.tensors, key, shape, name).values;
  };
  const auto refuse = [&](const char* key) {
    return IoError(fmt::format("{}: tensor '{}' holds numbers that no network has", name, key));
  };
  NetworkFile result;
  NetworkForm& form = result.network.form;
  const std::vector<double> sizes = take("network.sizes", {4}), noise = take("network.noise", {3});
  constexpr double kMost = 1 << 20;
  for (size_t k = 0; k < sizes.size(); ++k) {
    if (!(sizes[k] >= (k < 2 ? 1 : 0) && sizes[k] <= kMost) || sizes[k] != std::floor(sizes[k]))
      throw refuse("network.sizes");
  }
  if (!(noise[0] > noise[1] && noise[1] > 0 && noise[2] > 0)) throw refuse("network.noise");
  const auto shape = file.tensors.find("network.shape");
  if (shape == file.tensors.end() || shape->second.values.empty()) throw refuse("network.shape");
  form.visible = 1;
  for (const double axis : shape->second.values) {
    if (!(axis >= 1 && axis <= kMost) || axis != std::floor(axis) || static_cast<double>(form.visible) * axis > kMost)
      throw refuse("network.shape");
    form.shape.push_back(static_cast<int64_t>(axis));
    form.visible *= form.shape.back();
  }
  form.hidden = static_cast<int64_t>(sizes[0]);
  form.levels = static_cast<int64_t>(sizes[1]);
  form.classes = static_cast<int64_t>(sizes[2]);
  form.styles = static_cast<int64_t>(sizes[3]);
  form.labels = form.classes * form.styles;
  form.noise_first = noise[0];
  form.noise_last = noise[1];
  form.spread = noise[2];
  const auto floats = [&](const char* key, const std::vector<int64_t>& of) {
    const std::vector<double> values = take(key, of);
    return std::vector<float>(values.begin(), values.end());
  };
  result.network.parameters = floats("network.parameters", {Layout(form).size});
  result.network.mean = floats("network.mean", {form.visible});
  result.network.style_mean = floats("network.style_mean", {std::max<int64_t>(1, form.labels), form.visible});
  result.network.style_share = floats("network.style_share", {form.labels});
  file.metadata.erase("network");
  result.notes = std::move(file.metadata);
  return result;
}

}  // namespace swell
