#include "swell/learn/stage_training.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/base/parcel.h"
#include "swell/base/threads.h"
#include "swell/kernels/dispatch.h"
#include "swell/kernels/rows.h"
#include "swell/learn/averaged_adam.h"
#include "swell/learn/shared_rows.h"
#include "swell/learn/stage_start.h"
#include "swell/learn/stage_work.h"
#include "swell/physics/equilibrium.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kRowsPerPiece = 128;                // enough to be worth reading W for
constexpr int64_t kHiddenAtOnce = 64;                 // rows of W that one task updates
constexpr double kStageRate = 4;                      // of the numbers of single stages, in units of the rate of W
constexpr double kLossScale = 784;                    // of the derivative: keeps it far above Adam's smallest number
constexpr int64_t kUpdatesTogether = 50;              // after which all ranks have all that Adam remembers
constexpr int64_t kHeldOutUpdate = int64_t{1} << 40;  // number of the draws of held-out examples

// How soft a hidden unit is: its variance without a field times the square of the field at which its response has
// bent by as much as a hyperbolic tangent at 1. Two wells lie far apart below the least, and change too slowly.
constexpr double kLeastSoftness = 2.2, kSoftnessPerNeed = 0.5;

// Hidden units of one task, of those that a rank updates.
int64_t tasks_of(Portion hidden) { return (hidden.count + kHiddenAtOnce - 1) / kHiddenAtOnce; }
Portion task_of(Portion hidden, int64_t task) {
  const int64_t before = task * kHiddenAtOnce;
  return {hidden.first + before, std::min(kHiddenAtOnce, hidden.count - before)};
}

}  // namespace

double StageLosses::mean() const {
  double sum = 0;
  for (const double one : loss) sum += one;
  return sum / static_cast<double>(loss.size());
}

StageTrainer::~StageTrainer() = default;

StageTrainer::StageTrainer(const Design& design, const DataSet& images, const StageTrainingOptions& options)
    : design_(design),
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
  if (options.rows < 1 || options.rows % Operand::kDepthStep != 0)
    throw InputError(fmt::format("{} examples of a stage in an update are not allowed; a multiple of {} is",
                                 options.rows, Operand::kDepthStep));
  const auto look = [&] { images_ = stage_images(design, images, options.threads, options.go_on); };
  options.ranks ? do_together(*options.ranks, look) : look();
  describe_stages();
  lay_out_parameters();
  cut_into_pieces();
  for (const Piece& piece : pieces_)
    work_.emplace_back(piece.rows(options.rows), V_, piece.window.count, L_, options.bf16);
}

void StageTrainer::describe_stages() {
  const Computer& computer = design_.computer;
  const Group& hidden = computer.groups[form_.hidden];
  const double J4 = computer.J4[hidden.first];
  if (!(J4 > 0) || computer.J3[hidden.first] != 0)
    throw InputError(
        fmt::format("group '{}' has J3 = {}, J4 = {}; hidden units of a machine of stages have J4 > 0 and "
                    "J3 = 0",
                    hidden.name, computer.J3[hidden.first], J4));
  for (int64_t k = 0; k < K_; ++k) {
    Stage stage;
    const double t = form_.middle(k), rho = form_.rho(t);
    stage.decay = form_.decay(t);
    stage.variance = form_.variance(t);
    stage.force = 2 * stage.decay / stage.variance;
    stage.scale = std::sqrt(rho * rho + images_.spread * images_.spread);
    stage.wiener = images_.spread * images_.spread * rho * rho / (stage.scale * stage.scale);
    // Symmetric couplings make the share of hidden units in D grow with their softness.
    const double need = 2 * images_.spread * stage.scale / (rho * rho);
    stage.J2 = stiffness_of(std::max(kLeastSoftness, kSoftnessPerNeed * need), J4);
    stage.bend = bend_of(stage.J2, J4);
    stage.share = stage.bend.softness() / need;
    stage.nodes = response_table(stage.J2, J4, stage.bend);
    stages_.push_back(std::move(stage));
  }
}

void StageTrainer::lay_out_parameters() {
  int64_t at = 0;
  const auto take = [&](int64_t count) {
    at += count;
    return at - count;
  };
  layout_.W = take(H_ * V_);
  layout_.label_hidden = take(L_ * H_);
  layout_.label_visible = take(L_ * V_);
  layout_.shared = at;
  for (int64_t k = 0; k < K_; ++k) {
    const int64_t H = form_.window(k).count;
    Numbers numbers{};
    numbers.gain = take(H);
    numbers.bias = take(H);
    numbers.label_gain = take(L_ > 0 ? H : 0);
    numbers.visible_bias = take(V_);
    numbers.label_visible_gain = take(L_ > 0 ? V_ : 0);
    numbers.own = take(1);
    numbers.end = at;
    numbers_.push_back(numbers);
  }
  layout_.size = at;
}

void StageTrainer::cut_into_pieces() {
  const int64_t most = std::max<int64_t>(1, kRowsPerPiece / options_.rows);
  for (int64_t k = 0; k < K_;) {
    int64_t last = k + 1;
    while (last < std::min(K_, k + most) && form_.band(last) == form_.band(k)) ++last;
    pieces_.push_back({k, last, form_.window(k), 2 * k * options_.rows});
    k = last;
  }
}

std::vector<float> StageTrainer::initial_parameters() const {
  std::vector<float> parameters(layout_.size, 0.0f);
  const StageStart start = start_of_stages(design_, {images_.pixels.data(), images_.pixels.size()},
                                           images_.styles.of_image, images_.learned, options_.seed);
  std::ranges::copy(start.W, parameters.begin() + layout_.W);
  const std::vector<double>& mean = start.mean;
  const int64_t linear = start.linear;
  const NoiseKey key{options_.seed, stream::kInitial};
  constexpr double kFill = 138.0 / 784, kBeside = 0.3;  // of a visible unit
  const double bias_spread = start.beginning.from_images ? 0.5 : 1.0;
  for (int64_t k = 0; k < K_; ++k) {
    const Stage& stage = stages_[k];
    const Stages::Window window = form_.window(k);
    const Numbers& numbers = numbers_[k];
    const double rho = form_.rho(form_.middle(k));
    const double usual = std::sqrt(kFill * static_cast<double>(V_) / static_cast<double>(window.count) / stage.share);
    for (int64_t j = 0; j < window.count; ++j) {
      const auto h = static_cast<uint64_t>(window.first + j);
      double gain = linear > 0 ? kBeside * usual : usual;
      if (j < linear) {
        const double variance = start.variance[j], wanted = variance / (variance + rho * rho);
        gain =
            std::sqrt(std::max(1e-6, wanted * stage.scale / (images_.spread * stage.share * kStartNorm * kStartNorm)));
      }
      parameters[numbers.gain + j] = static_cast<float>(gain);
      // Alike in all stages.
      parameters[numbers.bias + j] = static_cast<float>((start.is_linear[h] ? 0.1 : 1.0) * bias_spread *
                                                        static_cast<double>(draw_normal(key, h, 2, 0)));
      if (L_ > 0) parameters[numbers.label_gain + j] = static_cast<float>(gain / stage.scale);
    }
    // What the machine's own share does not keep of the mean of a kind, the label unit gives.
    const double own = linear > 0 ? 0 : 0.3;
    const double given = linear > 0 ? rho * rho / (rho * rho + 1) : 1 - own * images_.spread / stage.scale;
    if (L_ > 0) std::fill_n(parameters.begin() + numbers.label_visible_gain, V_, static_cast<float>(given));
    parameters[numbers.own] = static_cast<float>(own);
  }
  // With these couplings of the label units a hidden unit sees how an image differs from the mean of its kind.
  for (int64_t l = 0; l < L_; ++l) {
    for (int64_t i = 0; i < V_; ++i)
      parameters[layout_.label_visible + l * V_ + i] = static_cast<float>(mean[l * V_ + i]);
    for (int64_t h = 0; h < H_; ++h) {
      double sum = 0;
      for (int64_t i = 0; i < V_; ++i) sum += static_cast<double>(parameters[h * V_ + i]) * mean[l * V_ + i];
      parameters[layout_.label_hidden + l * H_ + h] = static_cast<float>(-sum);
    }
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
    const Words4 words = noise_words(order, 0, static_cast<uint64_t>(update), static_cast<uint32_t>(k * rows + r), 0);
    // Times are spread evenly over a stage, one in each of as many parts as there are examples.
    const double share = (static_cast<double>(r) + static_cast<double>(words.a) * 0x1p-32) / static_cast<double>(rows);
    const double t = form_.time[k + 1] + (form_.time[k] - form_.time[k + 1]) * share;
    const uint64_t draw = words.b | static_cast<uint64_t>(words.c) << 32;
    const int64_t image = images_.choose(draw, held_out);
    work.label[at + r] = images_.styles.of_image[image];
    const double decay = form_.decay(t), variance = form_.variance(t);
    const int64_t place = (at + r) * work.visible_stride;
    kernels.make_example(V_, static_cast<float>(decay), static_cast<float>(std::sqrt(variance)),
                         static_cast<float>(1 / (stage.decay * stage.scale)),
                         static_cast<float>((2 / stage.variance - 2 / variance) / stage.force),
                         static_cast<float>(2 * decay / variance / stage.force), images_.row(image),
                         work.noise.data() + place, work.scaled.data() + place, work.target.data() + place);
  }
}

void StageTrainer::answer(std::span<const float> parameters, const Operand& by_visible, const Operand& by_hidden,
                          const Piece& piece, int64_t n, int64_t update, bool held_out, Work& work) const {
  const int64_t rows = piece.rows(n), H = piece.window.count;
  for (int64_t k = piece.first; k < piece.last; ++k) make_examples(update, k, n, held_out, work, (k - piece.first) * n);
  work.left_visible.fill_width(0, rows, work.scaled.data(), work.visible_stride);
  multiply(work.left_visible, by_visible, {0, rows, piece.window.first, H, 0, 0, V_}, work.field.data(),
           work.hidden_stride);
  for (int64_t k = piece.first; k < piece.last; ++k) {
    const float* const gain = parameters.data() + numbers_[k].gain;
    const float* const bias = parameters.data() + numbers_[k].bias;
    const ResponseNodes response = stages_[k].response();
    const auto share = static_cast<float>(stages_[k].share);
    for (int64_t r = (k - piece.first) * n; r < (k - piece.first + 1) * n; ++r) {
      float* const value = work.value.data() + r * work.hidden_stride;
      float* const exerted = work.exerted.data() + r * work.hidden_stride;
      stage_row_kernels().respond(response, H, gain, bias, label_of_hidden(parameters, k, work.label[r]),
                                  work.field.data() + r * work.hidden_stride, value,
                                  work.slope.data() + r * work.hidden_stride);
      for (int64_t h = 0; h < H; ++h) exerted[h] = share * gain[h] * value[h];
    }
  }
  work.left_hidden.fill_width(0, rows, work.exerted.data(), work.hidden_stride);
  multiply(work.left_hidden, by_hidden, {0, rows, 0, V_, 0, piece.window.first, H}, work.out.data(),
           work.visible_stride);
}

LabelRow StageTrainer::label_of_hidden(std::span<const float> parameters, int64_t k, int label) const {
  if (L_ == 0) return {nullptr, nullptr};
  return {parameters.data() + numbers_[k].label_gain,
          parameters.data() + layout_.label_hidden + label * H_ + form_.window(k).first};
}

LabelRow StageTrainer::label_of_visible(std::span<const float> parameters, int64_t k, int label) const {
  if (L_ == 0) return {nullptr, nullptr};
  return {parameters.data() + numbers_[k].label_visible_gain, parameters.data() + layout_.label_visible + label * V_};
}

void StageTrainer::fill_weights(std::span<const float> parameters, Portion hidden) {
  parallel_for(tasks_of(hidden), options_.threads, [&](int64_t task) {
    const auto [first, count] = task_of(hidden, task);
    by_visible_.fill_width(first, count, parameters.data() + first * V_, V_);
    by_hidden_.fill_depth(first, count, parameters.data() + first * V_, V_);
  });
}

// Some stages of one update: their share of the loss, the derivative by their own numbers, and their part of those by
// what stages share.
double StageTrainer::derive(std::span<const float> parameters, int64_t update, int64_t p,
                            std::vector<float>& derivative) {
  Work& work = work_[p];
  const Piece& piece = pieces_[p];
  const int64_t n = options_.rows, rows = piece.rows(n), H = piece.window.count;
  answer(parameters, by_visible_, by_hidden_, piece, n, update, false, work);
  std::ranges::fill(work.asked, 0);
  for (int64_t r = 0; r < rows && L_ > 0; ++r) {
    const int label = work.label[r];
    if (work.asked[label]) continue;
    work.asked[label] = 1;
    std::fill_n(work.d_label_visible.data() + label * work.visible_stride, V_, 0.0f);
    std::fill_n(work.d_label_hidden.data() + label * work.hidden_stride, H, 0.0f);
  }
  const StageRowKernels& kernels = stage_row_kernels();
  double loss = 0;
  for (int64_t k = piece.first; k < piece.last; ++k) {
    const Numbers& numbers = numbers_[k];
    std::fill(derivative.begin() + numbers.gain, derivative.begin() + numbers.end, 0.0f);
    const double per_example = 1 / (stages_[k].wiener * static_cast<double>(K_ * n * V_));
    double own = 0;
    for (int64_t r = (k - piece.first) * n; r < (k - piece.first + 1) * n; ++r) {
      const int64_t place = r * work.visible_stride;
      const LabelSlopes slopes{derivative.data() + numbers.label_visible_gain,
                               work.d_label_visible.data() + work.label[r] * work.visible_stride};
      const double squares =
          kernels.compare(V_, static_cast<float>(images_.spread), parameters[numbers.own],
                          static_cast<float>(2 * kLossScale * per_example), work.out.data() + place,
                          work.scaled.data() + place, parameters.data() + numbers.visible_bias,
                          label_of_visible(parameters, k, work.label[r]), work.target.data() + place,
                          work.d_out.data() + place, derivative.data() + numbers.visible_bias, slopes, &own);
      loss += squares * per_example;
    }
    derivative[numbers.own] = static_cast<float>(own);
  }
  work.left_visible.fill_width(0, rows, work.d_out.data(), work.visible_stride);
  multiply(work.left_visible, by_visible_, {0, rows, piece.window.first, H, 0, 0, V_}, work.coupled.data(),
           work.hidden_stride);
  for (int64_t k = piece.first; k < piece.last; ++k) {
    const Numbers& numbers = numbers_[k];
    for (int64_t r = (k - piece.first) * n; r < (k - piece.first + 1) * n; ++r) {
      const int64_t place = r * work.hidden_stride;
      const LabelSlopes slopes{derivative.data() + numbers.label_gain,
                               work.d_label_hidden.data() + work.label[r] * work.hidden_stride};
      kernels.retreat(H, static_cast<float>(stages_[k].share), parameters.data() + numbers.gain,
                      label_of_hidden(parameters, k, work.label[r]), work.field.data() + place,
                      work.value.data() + place, work.slope.data() + place, work.coupled.data() + place,
                      derivative.data() + numbers.gain, derivative.data() + numbers.bias, slopes,
                      work.d_field.data() + place);
    }
  }
  fill_slopes(p);
  return loss;
}

// Both sides of the derivative by W: what hidden units exert times the errors of the visible ones, and what comes back
// to the hidden units times the visible ones.
void StageTrainer::fill_slopes(int64_t p) {
  const Work& work = work_[p];
  const Piece& piece = pieces_[p];
  const int64_t rows = piece.rows(options_.rows), H = piece.window.count, first = piece.window.first;
  left_slopes_.fill_depth(piece.depth, rows, work.exerted.data(), work.hidden_stride, first, H);
  right_slopes_.fill_depth(piece.depth, rows, work.d_out.data(), work.visible_stride);
  left_slopes_.fill_depth(piece.depth + rows, rows, work.d_field.data(), work.hidden_stride, first, H);
  right_slopes_.fill_depth(piece.depth + rows, rows, work.scaled.data(), work.visible_stride);
}

void StageTrainer::share_pieces(std::vector<double>& losses, std::vector<float>& derivative) {
  Ranks& ranks = *options_.ranks;
  const auto count = static_cast<int64_t>(pieces_.size());
  const auto own_numbers = [&](const Piece& piece) {
    const int64_t first = numbers_[piece.first].gain;
    return std::span(derivative).subspan(first, numbers_[piece.last - 1].end - first);
  };
  // Calls each(a span of what a piece leaves), in one order.
  const auto each_array = [&](int64_t p, const auto& each) {
    Work& work = work_[p];
    each(std::span(&losses[p], 1));
    each(own_numbers(pieces_[p]));
    for (AlignedVector<float>* side : {&work.exerted, &work.scaled, &work.d_field, &work.d_out})
      each(std::span(side->data(), side->size()));
    each(std::span(work.asked));
    for (int64_t l = 0; l < L_; ++l) {
      if (work.asked[l] == 0) continue;
      each(std::span(work.d_label_hidden.data() + l * work.hidden_stride, work.hidden_stride));
      each(std::span(work.d_label_visible.data() + l * work.visible_stride, work.visible_stride));
    }
  };
  Parcel mine;
  const Portion here = portion(count, 1, ranks.rank(), ranks.size());
  for (int64_t p = here.first; p < here.first + here.count; ++p)
    each_array(p, [&](auto array) { mine.put_all(std::span<const typename decltype(array)::value_type>(array)); });
  std::vector<Ranks::Bytes> pieces = ranks.gather(mine.bytes());
  for (int rank = 0; rank < ranks.size(); ++rank) {
    if (rank == ranks.rank()) continue;
    Parcel theirs(std::move(pieces[rank]));
    const Portion there = portion(count, 1, rank, ranks.size());
    for (int64_t p = there.first; p < there.first + there.count; ++p) {
      each_array(p, [&](auto array) {
        std::ranges::copy(theirs.take_all<typename decltype(array)::value_type>(), array.begin());
      });
      fill_slopes(p);
    }
  }
}

void StageTrainer::gather_labels(int64_t first, int64_t last, std::vector<float>& derivative) const {
  for (int64_t l = first; l < last; ++l) {
    float* const hidden = derivative.data() + layout_.label_hidden + l * H_;
    float* const visible = derivative.data() + layout_.label_visible + l * V_;
    std::fill_n(hidden, H_, 0.0f);
    std::fill_n(visible, V_, 0.0f);
    for (size_t p = 0; p < pieces_.size(); ++p) {
      const Work& work = work_[p];
      if (!work.asked[l]) continue;
      const Stages::Window& window = pieces_[p].window;
      const float* const of_hidden = work.d_label_hidden.data() + l * work.hidden_stride;
      const float* const of_visible = work.d_label_visible.data() + l * work.visible_stride;
      for (int64_t h = 0; h < window.count; ++h) hidden[window.first + h] += of_hidden[h];
      for (int64_t i = 0; i < V_; ++i) visible[i] += of_visible[i];
    }
  }
}

bool StageTrainer::gather_couplings(int64_t first, int64_t count, float* slopes) const {
  // Windows slide, so the pieces that use these units stand side by side.
  int64_t from = 2 * K_ * options_.rows, to = 0;
  for (const Piece& piece : pieces_) {
    if (first < piece.window.first || first >= piece.window.first + piece.window.count) continue;
    from = std::min(from, piece.depth);
    to = piece.depth + 2 * piece.rows(options_.rows);
  }
  if (from >= to) return false;
  multiply(left_slopes_, right_slopes_, {first, count, 0, V_, from, from, to - from}, slopes, padded_width(V_));
  return true;
}

double StageTrainer::gradient(std::span<const float> parameters, int64_t update, std::vector<float>& derivative) {
  derivative.assign(parameters.size(), 0.0f);
  fill_weights(parameters, {0, H_});
  double loss = 0;
  for (size_t p = 0; p < pieces_.size(); ++p) loss += derive(parameters, update, static_cast<int64_t>(p), derivative);
  gather_labels(0, L_, derivative);
  std::vector<float> slopes(kHiddenAtOnce * padded_width(V_));
  for (int64_t from = 0; from < H_; from += kHiddenAtOnce) {
    const int64_t many = std::min(kHiddenAtOnce, H_ - from);
    if (!gather_couplings(from, many, slopes.data())) continue;
    for (int64_t h = 0; h < many; ++h)
      std::copy_n(slopes.data() + h * padded_width(V_), V_, derivative.data() + (from + h) * V_);
  }
  for (float& one : derivative) one /= static_cast<float>(kLossScale);
  return loss;
}

bool StageTrainer::train(TrainingState& state, const TrainingCourse& course) {
  if (state.parameters.empty()) state.parameters = initial_parameters();
  const size_t count = state.parameters.size();
  if (static_cast<int64_t>(count) != layout_.size)
    throw InputError(fmt::format("the training to go on from has {} parameters; this one has {}", count, layout_.size));
  prepare_adam(state);
  Ranks* const ranks = options_.ranks;
  const auto of_here = [&](int64_t all, int64_t grain) {
    return ranks ? portion(all, grain, ranks->rank(), ranks->size()) : Portion{0, all};
  };
  const auto pieces = static_cast<int64_t>(pieces_.size());
  const Portion own_pieces = of_here(pieces, 1), own_hidden = of_here(H_, kHiddenAtOnce), own_labels = of_here(L_, 1);
  const RowBlock blocks[] = {{layout_.W, H_, V_, kHiddenAtOnce},
                             {layout_.label_hidden, L_, H_, 1},
                             {layout_.label_visible, form_.from_label ? 0 : L_, V_, 1}};
  std::vector<float> derivative(count);
  std::vector<double> losses(pieces_.size());
  fill_weights(state.parameters, {0, H_});
  while (state.update < options_.updates) {
    const auto start = std::chrono::steady_clock::now();
    const double rate = options_.rate * share_of_rate(state.update, options_.updates);
    const AdamStep adapt(state);
    parallel_for(own_pieces.count, options_.threads, [&](int64_t own) {
      const int64_t p = own_pieces.first + own;
      losses[p] = derive(state.parameters, state.update, p, derivative);
    });
    if (ranks) share_pieces(losses, derivative);
    double loss = 0;
    for (const double one : losses) loss += one;
    if (!std::isfinite(loss))
      throw InputError(fmt::format("the loss is {} at update {}; a smaller rate than {:g} is needed", loss,
                                   state.update, options_.rate));
    parallel_for(K_, options_.threads, [&](int64_t k) {
      const int64_t from = numbers_[k].gain;
      adapt(from, numbers_[k].end - from, derivative.data() + from, kStageRate * rate);
    });
    parallel_for(tasks_of(own_hidden), options_.threads, [&](int64_t task) {
      const auto [from, many] = task_of(own_hidden, task);
      const int64_t stride = padded_width(V_);
      thread_local AlignedVector<float> slopes;
      slopes.resize(kHiddenAtOnce * stride);
      if (!gather_couplings(from, many, slopes.data())) return;
      for (int64_t h = from; h < from + many; ++h) adapt(h * V_, V_, slopes.data() + (h - from) * stride, rate);
      by_visible_.fill_width(from, many, state.parameters.data() + from * V_, V_);
      by_hidden_.fill_depth(from, many, state.parameters.data() + from * V_, V_);
    });
    parallel_for(own_labels.count, options_.threads, [&](int64_t own) {
      const int64_t l = own_labels.first + own;
      gather_labels(l, l + 1, derivative);
      adapt(layout_.label_hidden + l * H_, H_, derivative.data() + layout_.label_hidden + l * H_, kStageRate * rate);
      if (form_.from_label) return;  // these stay the mean images of styles, where generation begins
      adapt(layout_.label_visible + l * V_, V_, derivative.data() + layout_.label_visible + l * V_, kStageRate * rate);
    });
    if (ranks) {
      share_rows(*ranks, blocks, state.parameters);
      const int64_t end = own_hidden.first + own_hidden.count;
      fill_weights(state.parameters, {0, own_hidden.first});
      fill_weights(state.parameters, {end, H_ - end});
    }
    ++state.update;
    state.loss.push_back(loss);
    state.evaluations += K_ * options_.rows;
    state.wall_s += seconds_since(start);
    const bool go_on = all_agree(ranks, course.goes_on("stages", options_.updates, state));
    const bool last = !go_on || state.update == options_.updates;
    if (ranks && (last || state.update % kUpdatesTogether == 0)) {
      for (std::vector<float>& remembered : state.memory) share_rows(*ranks, blocks, remembered);
    }
    if (!ranks || last || state.update % kUpdatesTogether == 0) course.keep(state);
    if (!go_on) return state.update >= options_.updates;
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
    const Piece piece{k, k + 1, form_.window(k), 0};
    Work work(rows, V_, piece.window.count, L_, options_.bf16);
    answer(parameters, by_visible, by_hidden, piece, rows, kHeldOutUpdate, true, work);
    const Numbers& numbers = numbers_[k];
    std::vector<float> d_out(work.visible_stride), d_bias(V_), d_label(V_), d_label_gain(V_);
    double sum = 0, squares = 0, own = 0;
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t place = r * work.visible_stride;
      const double error =
          stage_row_kernels().compare(V_, static_cast<float>(images_.spread), parameters[numbers.own], 0.0f,
                                      work.out.data() + place, work.scaled.data() + place,
                                      parameters.data() + numbers.visible_bias,
                                      label_of_visible(parameters, k, work.label[r]), work.target.data() + place,
                                      d_out.data(), d_bias.data(), {d_label_gain.data(), d_label.data()}, &own) /
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
  const auto copy = [&](std::vector<float>& to, int64_t from, int64_t count) {
    to.assign(parameters.begin() + from, parameters.begin() + from + count);
  };
  copy(machine.W, layout_.W, H_ * V_);
  copy(machine.label_hidden, layout_.label_hidden, L_ * H_);
  copy(machine.label_visible, layout_.label_visible, L_ * V_);
  machine.style_share = images_.styles.share;
  machine.mean = images_.mean;
  // A stage's numbers of `count` units from this one on, zeros for the others.
  const auto append = [&](std::vector<float>& to, int64_t all, int64_t first, int64_t from, int64_t count,
                          double factor) {
    const size_t at = to.size();
    to.resize(at + all, 0.0f);
    for (int64_t i = 0; i < count; ++i)
      to[at + first + i] = static_cast<float>(factor * static_cast<double>(parameters[from + i]));
  };
  for (int64_t k = 0; k < K_; ++k) {
    const Stage& stage = stages_[k];
    const Numbers& numbers = numbers_[k];
    const auto [first, count] = form_.window(k);
    const double field = stage.bend.field;
    append(machine.gain, H_, first, numbers.gain, count, field / (stage.decay * stage.scale));
    append(machine.hidden_bias, H_, first, numbers.bias, count, -field);
    append(machine.visible_bias, V_, 0, numbers.visible_bias, V_, -stage.force);
    if (L_ > 0) {
      append(machine.label_hidden_gain, H_, first, numbers.label_gain, count, -field);
      append(machine.label_visible_gain, V_, 0, numbers.label_visible_gain, V_, -stage.force);
    }
    const double own = static_cast<double>(parameters[numbers.own]);
    const double slope = 1 - 2 / stage.variance + stage.force * images_.spread * own / (stage.decay * stage.scale);
    machine.visible_J2.push_back(static_cast<float>(-0.5 * slope));
    machine.hidden_J2.push_back(static_cast<float>(stage.J2));
  }
  return machine;
}

StageTrainer::Example StageTrainer::held_out_example(int64_t k, int64_t number) const {
  Work work(1, V_, 16, 0, false);
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
