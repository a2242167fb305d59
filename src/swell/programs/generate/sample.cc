#include "swell/programs/generate/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "swell/base/errors.h"
#include "swell/engine/patterns.h"
#include "swell/io/leave_files.h"
#include "swell/io/npy.h"
#include "swell/io/npy_stream.h"
#include "swell/ledger/run_costs.h"
#include "swell/programs/generate/blend.h"
#include "swell/random/streams.h"

namespace swell::generate {

namespace {

double cosine(const float* sample, const double* image, int64_t pixels) {
  double dot = 0, xx = 0, pp = 0;
  for (int64_t p = 0; p < pixels; ++p) {
    dot += static_cast<double>(sample[p]) * image[p];
    xx += static_cast<double>(sample[p]) * static_cast<double>(sample[p]);
    pp += image[p] * image[p];
  }
  return xx > 0 && pp > 0 ? dot / std::sqrt(xx * pp) : 0.0;
}

constexpr const char* kDenoiser =
    "a neural network that denoises step by step; 2.07e6 multiply-adds are the published lower bound of 5e14 kT an "
    "image "
    "at 1 pJ each (Whitelam 2026)";

// Heat and work per sample in kT, split into segments with couplings (the result) and without (preparation).
void price(const Design& design, const Protocol& protocol, const Run& run, Samples& samples) {
  const double kT = design.computer.kT;
  std::vector<double> preparation(run.trajectories, 0.0), work(run.trajectories, 0.0);
  samples.entropy.assign(run.trajectories, 0.0);
  for (int64_t s = 0; s < run.segments; ++s) {
    std::vector<double> heat(run.trajectories), done(run.trajectories);
    std::vector<double>& total = protocol.segments[s].couplings == kNoCouplings ? preparation : samples.entropy;
    for (int64_t t = 0; t < run.trajectories; ++t) {
      heat[t] = run.book(t, s).entropy;
      done[t] = kT > 0 ? run.book(t, s).work / kT : 0.0;
      total[t] += heat[t];
      work[t] += done[t];
    }
    samples.heat_of_segment.push_back(estimate(heat));
    samples.work_of_segment.push_back(estimate(done));
  }
  Bill& bill = samples.bill;
  bill.per = "image";
  bill.heat_kT = estimate(samples.entropy);
  bill.preparation_kT = estimate(preparation);
  bill.work_kT = estimate(work);
  if (!run.books_known) {
    bill.heat_kT = bill.preparation_kT = bill.work_kT =
        Known<Estimate>::unknown("the chip's forces have no potential, or its noise is no bath's");
    samples.entropy.assign(run.trajectories, NAN);
  }
  bill.flips = Known<Estimate>::none("no p-bits");
  bill.time_s = static_cast<double>(run.steps) * design.dt * bill.prices.time_unit_s;
  bill.side_by_side_s = bill.time_s;
  bill.inputs = Known<double>::none("an image begins with noise alone");
  bill.writes = static_cast<double>(parameters_of(design));
  if (design.stages) bill.inputs = static_cast<double>(count_writes(*design.stages));
  book_costs(bill, run);
  bill.training_wall_s = Known<double>::unknown("the machine was trained elsewhere");
  bill.digital_method = std::string(kDenoiser);
  bill.digital_multiply_adds = bill.prices.denoiser_multiply_adds;
  bill.digital_wall_s = Known<double>::unknown("not run here");
}

void name_phases(const Design& design, const Protocol& protocol, const std::vector<double>& times, Samples& samples) {
  size_t segment = 0;
  double end = protocol.segments[0].duration;
  for (const double time : times) {
    while (segment + 1 < protocol.segments.size() && time > end + 0.5 * design.dt)
      end += protocol.segments[++segment].duration;
    samples.film_phases.push_back(protocol.segments[segment].name);
    samples.film_coupled.push_back(protocol.segments[segment].couplings != kNoCouplings);
  }
}

std::filesystem::path film_path(const SampleOptions& options) { return options.checkpoint.path.string() + ".film"; }

// A run with a checkpoint keeps its film in a file beside it.
std::unique_ptr<NpyStream> film_file(const Snapshots& shots, int64_t steps, const SampleOptions& options) {
  if (shots.every == 0 || options.checkpoint.path.empty()) return nullptr;
  return std::make_unique<NpyStream>(film_path(options),
                                     std::vector{count_snapshots(shots, steps), shots.trajectories, shots.units});
}

std::vector<float> read_film(NpyStream& file) {
  file.flush();
  const NpyArray film = read_npy(file.part());
  return {film.values.begin(), film.values.end()};
}

}  // namespace

int64_t parameters_of(const Design& design) {
  return design.stages ? count_parameters(*design.stages) : count_parameters(design.computer);
}

void remove_checkpoint(const SampleOptions& options) {
  if (options.checkpoint.path.empty()) return;
  remove_file(options.checkpoint.path);
  remove_file(film_path(options).string() + ".part");
}

Quality judge(std::span<const float> samples, int64_t count, const DataSet& images) {
  Quality quality;
  const int64_t pixels = images.width();
  for (int64_t image = 0; image < images.rows(); ++image) {
    quality.class_counts[images.labels.empty() ? static_cast<int>(image) : images.labels[image]] = 0;
  }
  for (int64_t s = 0; s < count; ++s) {
    double best = -2, worst = 2;
    int64_t nearest = 0;
    for (int64_t image = 0; image < images.rows(); ++image) {
      const double c = cosine(samples.data() + s * pixels, images.values.data() + image * pixels, pixels);
      worst = std::min(worst, c);
      if (c > best) {
        best = c;
        nearest = image;
      }
    }
    quality.cosine.push_back(best);
    quality.nearest.push_back(nearest);
    quality.negatives += -worst > best;
    ++quality.class_counts[images.labels.empty() ? static_cast<int>(nearest) : images.labels[nearest]];
  }
  quality.nearest_cosine = estimate(quality.cosine);
  const std::vector<double> shares = blends(samples, count, images);
  quality.blend = estimate(shares);
  quality.blended = std::ranges::count_if(shares, [](double share) { return share > kBlended; });
  return quality;
}

RunOptions generation_run(const Trained& trained, const SampleOptions& options, const Patterns& patterns) {
  const Design& design = trained.design;
  if (has_table(design, "neural") &&
      std::ranges::none_of(design.protocols, [](const Protocol& p) { return p.name == "generation"; })) {
    throw InputError(
        fmt::format("design '{}' is of a machine that answers ([neural]) and makes no images; 'swell neural "
                    "test' asks it",
                    design.name));
  }
  const Protocol& protocol = find_protocol(design, "generation");
  if (!options.labels.empty() && label_group(design) < 0)
    throw InputError(fmt::format("design '{}' has no label units, so no class can be asked for", design.name));
  require_patterns(design, protocol, patterns);
  const Group& visible = design.computer.groups[data_group(design)];
  RunOptions run_options;
  static_cast<RunSettings&>(run_options) = options;
  run_options.integrator = design.integrator;
  run_options.dt = design.dt;
  run_options.noise = {options.seed, stream::kGeneration};
  run_options.trajectories = options.samples;
  run_options.files = options.files;
  if (options.checkpoint.path.empty()) run_options.kept = Kept::finished;
  run_options.patterns = &patterns;
  // The visible units once more, and some eight figures of each sample.
  run_options.result_bytes =
      static_cast<double>(options.samples) * (static_cast<double>(visible.size) * sizeof(float) + 8 * sizeof(double));
  return run_options;
}

namespace {

// What the converter of a chip makes of images and film.
void convert(std::span<float> values, const Trained& trained, uint64_t first) {
  const Group& visible = trained.design.computer.groups[data_group(trained.design)];
  const auto& [spec, seed] = trained.converter;
  hardware::read_out(values, spec, seed, hardware::diffusion_of(trained.design.computer, visible.first, visible.size),
                     first);
}

}  // namespace

Samples read_samples(const Trained& trained, const SampleOptions& options, const Patterns& patterns, const Run& run) {
  const Design& design = trained.design;
  const Protocol& protocol = find_protocol(design, "generation");
  const Group& visible = design.computer.groups[data_group(design)];
  Samples samples;
  samples.shape = visible.shape;
  samples.count = run.trajectories;
  samples.interrupted = run.interrupted;
  samples.values.reserve(run.trajectories * visible.size);
  for (int64_t t = 0; t < run.trajectories; ++t) {
    for (int64_t u = 0; u < visible.size; ++u) {
      const double x = run.state(t)[visible.first + u];
      samples.values.push_back(static_cast<float>(design.stages ? design.stages->pixel(u, x) : x));
    }
    if (label_group(design) >= 0) samples.labels.push_back(asked_class(design, patterns, t % patterns.rows));
  }
  convert(samples.values, trained, 0);
  samples.bill.prices = options.prices;
  samples.bill.readouts = static_cast<double>(visible.size);
  price(design, protocol, run, samples);
  samples.diagnostics = no_diagnostics(
      "images are read at a set time of a protocol that moves: their temperature is not that of an equilibrium");
  if (run.books_known) samples.diagnostics.first_law = first_law(run);
  samples.unit_steps_per_s = static_cast<double>(run.units) * static_cast<double>(run.steps) *
                             static_cast<double>(run.trajectories) / run.wall_s;
  samples.wall_s = run.wall_s;
  samples.memory_predicted_bytes = run.memory_predicted_bytes;
  if (trained.images.rows() > 0 && trained.images.width() == visible.size) {
    samples.judged = true;
    samples.quality = judge(samples.values, samples.count, trained.images);
  }
  return samples;
}

Samples generate(const Trained& trained, const SampleOptions& options) {
  if (options.dt > 0) {
    Trained stepped = trained;
    set_step(stepped.design, options.dt);
    SampleOptions of_design = options;
    of_design.dt = 0;
    return generate(stepped, of_design);
  }
  const Design& design = trained.design;
  // Images are what is to be made: none drive the units.
  const Patterns patterns = fixed_patterns(design, options.labels, options.seed);
  RunOptions run_options = generation_run(trained, options, patterns);
  const Protocol& protocol = find_protocol(design, "generation");
  const Group& visible = design.computer.groups[data_group(design)];
  const int64_t steps = count_steps(protocol, design.dt);
  const int64_t filmed = std::min(options.film_samples, options.samples);
  if (filmed > 0 && options.film_frames > 0) {
    run_options.snapshots = {std::max<int64_t>(1, steps / options.film_frames), 0, visible.first, visible.size, filmed};
  }
  const std::unique_ptr<NpyStream> film = film_file(run_options.snapshots, steps, options);
  run_options.snapshots.file = film.get();
  run_options.checkpoint = options.checkpoint;
  Run run = swell::run(design.computer, protocol, run_options);
  Samples samples = read_samples(trained, options, patterns, run);
  name_phases(design, protocol, run.snapshot_times, samples);
  samples.film_times = run.snapshot_times;
  if (run.filmed > 0) samples.film = film ? read_film(*film) : std::move(run.snapshots);
  if (design.stages) {
    for (size_t k = 0; k < samples.film.size(); ++k) {
      float& value = samples.film[k];
      value =
          static_cast<float>(design.stages->pixel(static_cast<int64_t>(k) % visible.size, static_cast<double>(value)));
    }
  }
  convert(samples.film, trained, samples.values.size());
  samples.film_samples = run.filmed;
  return samples;
}

}  // namespace swell::generate
