#include "swell/model/stages.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "swell/base/errors.h"
#include "swell/model/levels.h"
#include "swell/model/machine_file.h"
#include "swell/model/toml_reader.h"

namespace swell {

namespace {

constexpr int64_t kMostStages = 256;

// What a file holds of trained stages, by name.
struct Part {
  const char* name;
  std::vector<float> Stages::*values;
  Dtype dtype;
  std::vector<int64_t> (*shape)(const Stages&);
};
const Part kParts[] = {
    {"stages.W", &Stages::W, Dtype::BF16,
     [](const Stages& s) {
       return std::vector{s.hidden_units, s.visible_units};
     }},
    {"stages.gain", &Stages::gain, Dtype::BF16,
     [](const Stages& s) {
       return std::vector{s.count, s.hidden_units};
     }},
    {"stages.visible_J2", &Stages::visible_J2, Dtype::F32, [](const Stages& s) { return std::vector{s.count}; }},
    {"stages.hidden_J2", &Stages::hidden_J2, Dtype::F32, [](const Stages& s) { return std::vector{s.count}; }},
    {"stages.visible_bias", &Stages::visible_bias, Dtype::BF16,
     [](const Stages& s) {
       return std::vector{s.count, s.visible_units};
     }},
    {"stages.hidden_bias", &Stages::hidden_bias, Dtype::BF16,
     [](const Stages& s) {
       return std::vector{s.count, s.hidden_units};
     }},
    {"stages.label_visible", &Stages::label_visible, Dtype::BF16,
     [](const Stages& s) {
       return std::vector{s.labels, s.visible_units};
     }},
    {"stages.label_visible_gain", &Stages::label_visible_gain, Dtype::BF16,
     [](const Stages& s) {
       return std::vector{s.labels > 0 ? s.count : 0, s.visible_units};
     }},
    {"stages.label_hidden", &Stages::label_hidden, Dtype::BF16,
     [](const Stages& s) {
       return std::vector{s.labels, s.hidden_units};
     }},
    {"stages.label_hidden_gain", &Stages::label_hidden_gain, Dtype::BF16,
     [](const Stages& s) {
       return std::vector{s.labels > 0 ? s.count : 0, s.hidden_units};
     }},
    {"stages.style_share", &Stages::style_share, Dtype::F32, [](const Stages& s) { return std::vector{s.labels}; }},
    {"stages.mean", &Stages::mean, Dtype::F32, [](const Stages& s) { return std::vector{s.visible_units}; }},
};

double positive(TomlReader& reader, std::string_view key, double otherwise) {
  const double value = reader.number(key, otherwise);
  if (!(value > 0) || !std::isfinite(value))
    throw InputError(fmt::format("{} is {}; a number above 0 is needed", reader.where(key), value));
  return value;
}

// Shared couplings, which are stored in whole steps where a design says in how many bits: rows [units][width].
struct SteppedPart {
  const char* name;
  const char* step_name;
  std::vector<float> Stages::*values;
  std::vector<float> Stages::*steps;
};
const SteppedPart kStepped[] = {
    {"stages.W", "stages.W_step", &Stages::W, &Stages::W_step},
    {"stages.label_hidden", "stages.label_hidden_step", &Stages::label_hidden, &Stages::label_hidden_step},
    {"stages.label_visible", "stages.label_visible_step", &Stages::label_visible, &Stages::label_visible_step},
};
int64_t rows_of(const SteppedPart& part, const Stages& stages) {
  return part.values == &Stages::W ? stages.hidden_units : stages.labels;
}

// A coupling in whole steps.
double in_steps(float value, float step) {
  return nearest_level(static_cast<double>(value), static_cast<double>(step));
}

double whole_steps(double time, double dt) { return std::round(time / dt) * dt; }

void couple(const Stages& stages, int64_t k, CouplingSet& set, const Group& visible, const Group& hidden) {
  const int64_t V = stages.visible_units, H = stages.hidden_units, L = stages.labels;
  const bool trained = stages.trained();
  DenseWeights between{std::vector<double>(V * H, 0.0)};
  DenseWeights to_hidden{std::vector<double>(L * H, 0.0)}, to_visible{std::vector<double>(L * V, 0.0)};
  const auto at = [](float value) { return static_cast<double>(value); };
  if (trained) {
    for (int64_t i = 0; i < V; ++i) {
      for (int64_t h = 0; h < H; ++h) between.values[i * H + h] = -at(stages.W[h * V + i]) * at(stages.gain[k * H + h]);
    }
    for (int64_t l = 0; l < L; ++l) {
      for (int64_t h = 0; h < H; ++h)
        to_hidden.values[l * H + h] = at(stages.label_hidden[l * H + h]) * at(stages.label_hidden_gain[k * H + h]);
      for (int64_t i = 0; i < V; ++i)
        to_visible.values[l * V + i] = at(stages.label_visible[l * V + i]) * at(stages.label_visible_gain[k * V + i]);
    }
    for (int64_t h = 0; h < H; ++h) set.bias[hidden.first + h] = at(stages.hidden_bias[k * H + h]);
    for (int64_t i = 0; i < V; ++i) set.bias[visible.first + i] = at(stages.visible_bias[k * V + i]);
    for (int64_t h = 0; h < H; ++h) set.J2[hidden.first + h] = at(stages.hidden_J2[k]);
    for (int64_t i = 0; i < V; ++i) set.J2[visible.first + i] = at(stages.visible_J2[k]);
  }
  set.blocks.clear();
  set.blocks.push_back({stages.visible, stages.hidden, std::move(between)});
  if (stages.label < 0) return;
  set.blocks.push_back({stages.label, stages.hidden, std::move(to_hidden)});
  set.blocks.push_back({stages.label, stages.visible, std::move(to_visible)});
}

// Where stages meet: even in the logarithm of the noise, on whole steps.
void cut_into_stages(TomlReader& reader, double dt, Stages& stages) {
  for (int64_t k = 0; k <= stages.count; ++k) {
    const double share = static_cast<double>(k) / static_cast<double>(stages.count);
    const double rho = geometric_at(stages.noise_first, stages.noise_last, share);
    const double time = 0.5 * std::log1p(stages.amplitude * stages.amplitude * rho * rho);
    stages.time.push_back(whole_steps(time, dt));
    if (k > 0 && !(stages.time[k] < stages.time[k - 1] - 0.5 * dt))
      throw InputError(
          fmt::format("{} is {}: stage {} would be shorter than a step (dt = {}); fewer stages or a smaller "
                      "step are needed",
                      reader.where("count"), stages.count, k, dt));
  }
}

// The variance of a harmonic unit's equilibrium, v', such that a unit that starts at 0 has this variance after a time:
// v' (1 - e^(-2 time/v')) = variance. There is one where 2 time > variance.
double equilibrium_variance(double variance, double time) {
  double low = variance, high = 2 * variance;
  const auto reached = [&](double v) { return -v * std::expm1(-2 * time / v); };
  while (reached(high) < variance) high *= 2;
  for (int k = 0; k < 60; ++k) {
    const double middle = 0.5 * (low + high);
    (reached(middle) < variance ? low : high) = middle;
  }
  return high;
}

// Visible units that start at 0 and are, when the first stage begins, about the mean image of the label unit's style as
// that stage's noise has them: no need to wait until they are in equilibrium.
void couple_start(const Stages& stages, CouplingSet& set, const Group& visible) {
  const int64_t V = stages.visible_units, L = stages.labels;
  const double v = equilibrium_variance(stages.variance(stages.time.front()), stages.fill);
  const double force = stages.decay(stages.time.front()) / (-v * std::expm1(-stages.fill / v));
  for (int64_t i = 0; i < V; ++i) set.J2[visible.first + i] = 0.5 / v;
  DenseWeights to_visible{std::vector<double>(L * V, 0.0)};
  for (size_t k = 0; k < stages.label_visible.size(); ++k)
    to_visible.values[k] = -force * static_cast<double>(stages.label_visible[k]);
  set.blocks.clear();
  set.blocks.push_back({stages.label, stages.visible, std::move(to_visible)});
}

}  // namespace

std::string stage_name(int64_t stage) { return fmt::format("stage{}", stage + 1); }

double StageSchedule::decay(double t) const { return amplitude * std::exp(-t); }
double StageSchedule::variance(double t) const { return -std::expm1(-2 * t); }
double StageSchedule::rho(double t) const { return std::sqrt(variance(t)) / decay(t); }
double StageSchedule::middle(int64_t stage) const {
  const double square = rho(time[stage]) * rho(time[stage + 1]);
  return 0.5 * std::log1p(amplitude * amplitude * square);
}

Stages::Window Stages::window(int64_t stage) const {
  const auto steps = [](double units) { return static_cast<int64_t>(units) / kWindowStep * kWindowStep; };
  const double wide = share * static_cast<double>(hidden_units);
  const int64_t many = std::min(hidden_units, steps(wide + static_cast<double>(kWindowStep - 1)));
  if (bands == 1 || many == hidden_units) return {0, hidden_units};
  const int64_t which = band(stage);
  const double slide = static_cast<double>(which * (hidden_units - many)) / static_cast<double>(bands - 1);
  const int64_t first = steps(slide);
  return {first, which == bands - 1 ? hidden_units - first : many};
}

int64_t Stages::style_at(int64_t of_class, double place) const {
  double below = 0;
  for (int64_t s = 0; s + 1 < styles && !style_share.empty(); ++s) {
    below += static_cast<double>(style_share[of_class * styles + s]);
    if (place < below) return s;
  }
  return style_share.empty() ? 0 : styles - 1;
}

double Stages::pixel(int64_t unit, double x) const {
  return 2 * (static_cast<double>(mean[unit]) + x / (decay(time.back()) * readout)) - 1;
}

Stages read_stages(TomlReader& reader, const Computer& computer, double dt) {
  Stages stages;
  const auto group = [&](const char* key, const char* otherwise) {
    return require_group(reader, computer, key, reader.text(key, otherwise));
  };
  stages.visible = group("visible", "visible");
  stages.hidden = group("hidden", "hidden");
  if (reader.node("label")) stages.label = group("label", "label");
  if (stages.visible == stages.hidden || stages.label == stages.visible || stages.label == stages.hidden)
    throw InputError(
        fmt::format("{} names a group a second time; visible, hidden and label units are groups of their "
                    "own",
                    reader.where("hidden")));
  const double count = reader.number("count", 16.0);
  if (!(count >= 1 && count <= static_cast<double>(kMostStages)) || count != std::floor(count))
    throw InputError(
        fmt::format("{} is {}; a whole number from 1 to {} is needed", reader.where("count"), count, kMostStages));
  stages.count = static_cast<int64_t>(count);
  stages.amplitude = positive(reader, "amplitude", 16.0);
  const auto noise = reader.matrix("noise");
  if (!noise || noise->rows != 1 || noise->columns != 2 || !(noise->values[1] > 0) ||
      !(noise->values[0] > noise->values[1]))
    throw InputError(
        fmt::format("{} needs two numbers above 0, the noise at the start of the first stage and, smaller, "
                    "at the end of the last, in units of an image",
                    reader.where("noise")));
  stages.noise_first = noise->values[0];
  stages.noise_last = noise->values[1];
  stages.from_label = reader.choice("from", {"noise", "label"}, "noise") == "label";
  if (stages.from_label && stages.label < 0)
    throw InputError(fmt::format("{} is 'label', but there are no label units; label = \"...\" names their group",
                                 reader.where("from")));
  stages.fill = whole_steps(positive(reader, "fill", stages.from_label ? 1.0 : 3.0), dt);
  stages.cool = reader.number("cool", 0.0);
  if (!(stages.cool >= 0) || !std::isfinite(stages.cool))
    throw InputError(fmt::format("{} is {}; 0 or more is needed", reader.where("cool"), stages.cool));
  stages.cool = whole_steps(stages.cool, dt);
  stages.readout = positive(reader, "readout", 1.0);
  for (const char* key : {"begin", "linear", "local", "windows"}) reader.leave(key);
  const double bits = reader.number("bits", 0.0);
  if (bits != 0 && (!(bits >= 2 && bits <= 8) || bits != std::floor(bits)))
    throw InputError(
        fmt::format("{} is {}; 2 to 8 bits for a coupling, or 0 for bf16, are allowed", reader.where("bits"), bits));
  stages.bits = static_cast<int>(bits);
  const double bands = reader.number("bands", 1.0);
  if (!(bands >= 1 && bands <= count) || bands != std::floor(bands))
    throw InputError(fmt::format("{} is {}; a whole number from 1 to the number of stages, {}, is needed",
                                 reader.where("bands"), bands, count));
  stages.bands = static_cast<int64_t>(bands);
  stages.share = reader.number("share", 1.0);
  if (!(stages.share > 0 && stages.share <= 1))
    throw InputError(fmt::format("{} is {}; a share of the hidden units, above 0 and up to 1, is needed",
                                 reader.where("share"), stages.share));
  reader.refuse_unknown_keys();
  cut_into_stages(reader, dt, stages);
  if (const double least = stages.variance(stages.time.front()); stages.from_label && !(stages.fill > 0.6 * least))
    throw InputError(fmt::format("{} is {}; noise of the first stage's width takes a time above {:.3g}",
                                 reader.where("fill"), stages.fill, 0.6 * least));
  stages.visible_units = computer.groups[stages.visible].size;
  stages.hidden_units = computer.groups[stages.hidden].size;
  if (stages.label >= 0) {
    const Group& label = computer.groups[stages.label];
    if (label.shape.size() > 2)
      throw InputError(fmt::format("{}: group '{}' has {} axes; label units are [classes] or [classes, styles]",
                                   reader.where("label"), label.name, label.shape.size()));
    stages.classes = label.shape[0];
    stages.styles = label.size / label.shape[0];
    stages.labels = label.size;
  }
  for (int64_t i = 0; i < stages.visible_units; ++i) {
    const int64_t unit = computer.groups[stages.visible].first + i;
    if (computer.J2[unit] != 0.5 || computer.J3[unit] != 0 || computer.J4[unit] != 0 || computer.mobility[unit] != 1)
      throw InputError(
          fmt::format("{}: the visible units of a machine of stages are harmonic with J2 = 0.5 and mobility "
                      "1, since their noising process is known in closed form then",
                      reader.where("visible")));
  }
  if (computer.kT != 1)
    throw InputError(fmt::format("{}: a machine of stages has kT = 1, not {}", reader.where("visible"), computer.kT));
  return stages;
}

void add_stages(const Stages& stages, Computer& computer, std::vector<Protocol>& protocols) {
  const size_t groups = computer.groups.size();
  Protocol protocol{"generation", {}};
  const auto segment = [&](std::string name, double duration, int couplings, Schedule kT) {
    Segment one{std::move(name), duration,
                couplings,       std::vector<Schedule>(groups),
                std::move(kT),   std::vector<char>(groups, 0)};
    if (stages.label >= 0) one.clamped[stages.label] = 1;
    protocol.segments.push_back(std::move(one));
  };
  // The set of the start comes after those of the stages.
  const int start = static_cast<int>(computer.sets.size() + stages.count);
  segment("noise", stages.fill, stages.from_label ? start : kNoCouplings, {{{0.0, 1.0}}});
  for (int64_t k = 0; k < stages.count; ++k) {
    CouplingSet set{stage_name(k), {}, std::vector<double>(computer.units(), 0.0), std::vector<char>(groups, 0)};
    set.biased[stages.visible] = set.biased[stages.hidden] = 1;
    set.J2 = computer.J2;
    segment(set.name, stages.time[k] - stages.time[k + 1], static_cast<int>(computer.sets.size()), {{{0.0, 1.0}}});
    computer.sets.push_back(std::move(set));
  }
  if (stages.cool > 0) segment("cool", stages.cool, start - 1, {{{0.0, 1.0}, {1.0, 0.0}}});
  protocols.push_back(std::move(protocol));
  if (stages.from_label) {
    CouplingSet set{kStartSet, {}, std::vector<double>(computer.units(), 0.0), std::vector<char>(groups, 0)};
    set.J2 = computer.J2;
    computer.sets.push_back(std::move(set));
  }
  fill_stages(stages, computer);
}

void fill_stages(const Stages& stages, Computer& computer) {
  if (stages.from_label)
    couple_start(stages, computer.sets[find_set(computer, kStartSet)], computer.groups[stages.visible]);
  for (int64_t k = 0; k < stages.count; ++k) {
    const int set = find_set(computer, stage_name(k));
    couple(stages, k, computer.sets[set], computer.groups[stages.visible], computer.groups[stages.hidden]);
  }
}

namespace {

constexpr int64_t kStiffnesses = 2;  // of a stage

}  // namespace

int64_t count_parameters(const Stages& stages) {
  const int64_t V = stages.visible_units, H = stages.hidden_units;
  int64_t served = 0;  // hidden units, summed over stages
  for (int64_t k = 0; k < stages.count; ++k) served += stages.window(k).count;
  const int64_t kinds = stages.labels > 0 ? 2 : 1;  // of gains and biases
  return H * V + stages.labels * (H + V) + (1 + kinds) * served + stages.count * (kinds * V + kStiffnesses);
}

int64_t count_writes(const Stages& stages) {
  int64_t writes = 0;
  for (int64_t k = 0; k < stages.count; ++k) writes += 2 * stages.window(k).count + stages.visible_units + kStiffnesses;
  if (stages.from_label) writes += stages.visible_units + 1;  // to begin: biases and a stiffness
  return writes;
}

void write_stages(const Stages& stages, std::map<std::string, Tensor>& tensors) {
  for (const Part& part : kParts) {
    const std::vector<float>& values = stages.*part.values;
    tensors[part.name] = {part.shape(stages), {values.begin(), values.end()}, part.dtype};
  }
  if (stages.bits == 0) return;
  for (const SteppedPart& part : kStepped) {
    Tensor& tensor = tensors[part.name];
    const std::vector<float>& steps = stages.*part.steps;
    const int64_t width = tensor.shape[1];
    tensor.dtype = Dtype::I8;
    for (size_t k = 0; k < tensor.values.size(); ++k)
      tensor.values[k] = in_steps((stages.*part.values)[k], steps[k / width]);
    tensors[part.step_name] = {{tensor.shape[0]}, {steps.begin(), steps.end()}, Dtype::F32};
  }
}

void take_stages(std::map<std::string, Tensor>& tensors, const std::string& file, Stages& stages) {
  for (const Part& part : kParts) {
    const Tensor& tensor = require_tensor(tensors, part.name, part.shape(stages), file);
    for (const double value : tensor.values) {
      if (std::abs(value) > std::numeric_limits<float>::max())
        throw IoError(
            fmt::format("{}: tensor '{}' holds {}, which is beyond single precision", file, part.name, value));
    }
    (stages.*part.values).assign(tensor.values.begin(), tensor.values.end());
    tensors.erase(part.name);
  }
  if (stages.bits == 0) return;
  for (const SteppedPart& part : kStepped) {
    std::vector<float>&values = stages.*part.values, &steps = stages.*part.steps;
    const int64_t rows = rows_of(part, stages);
    const Tensor& tensor = require_tensor(tensors, part.step_name, {rows}, file);
    steps.assign(tensor.values.begin(), tensor.values.end());
    const size_t width = rows > 0 ? values.size() / rows : 1;
    for (size_t k = 0; k < values.size(); ++k) values[k] *= steps[k / width];
    tensors.erase(part.step_name);
  }
}

void round_stages(Stages& stages) {
  for (const Part& part : kParts) {
    const bool stepped = stages.bits > 0 && std::ranges::any_of(kStepped, [&](const SteppedPart& other) {
                           return other.values == part.values;
                         });
    if (part.dtype != Dtype::BF16 || stepped) continue;
    for (float& value : stages.*part.values) value = static_cast<float>(rounded_to_bf16(static_cast<double>(value)));
  }
  if (stages.bits == 0) return;
  for (const SteppedPart& part : kStepped) {
    std::vector<float>& values = stages.*part.values;
    const int64_t rows = rows_of(part, stages);
    const auto width = rows > 0 ? static_cast<int64_t>(values.size()) / rows : 0;
    (stages.*part.steps).assign(rows, 0.0f);
    for (int64_t row = 0; row < rows; ++row) {
      const std::span<float> of_row(values.data() + row * width, width);
      float largest = 0;
      for (const float value : of_row) largest = std::max(largest, std::abs(value));
      const Levels levels = levels_up_to(static_cast<double>(largest), stages.bits);
      const float step = (stages.*part.steps)[row] = static_cast<float>(levels.step);
      for (float& value : of_row) value = step * static_cast<float>(in_steps(value, step));
    }
  }
}

}  // namespace swell
