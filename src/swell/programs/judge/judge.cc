#include "swell/programs/judge/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell::judge {

namespace {

// What every line is held against.
struct Against {
  MeanAndCovariance moments;   // of the features of all test images
  std::vector<float> seen;     // features of half of the test images: the others have a line of their own
  std::vector<double> spread;  // [class] variance of the training images, added up over pixels
  const Images& train;
};

constexpr uint64_t kSplit = 1;  // seed of the order in which test images are shared out

void require_classes(const Images& images, const std::string& what) {
  for (size_t i = 0; i < images.labels.size(); ++i) {
    if (images.labels[i] < 0 || images.labels[i] >= kClasses) {
      throw InputError(fmt::format("label {} of {} is {}; classes from 0 to {} are allowed", i, what, images.labels[i],
                                   kClasses - 1));
    }
  }
}

// [images] squares of the distances to the mean of the class, times n / (n - 1), so that their mean over a class is the
// variance of its pixels, added up; -1 where an image is the only one of its class.
std::vector<double> deviations(const Images& images, const std::vector<int>& classes) {
  std::vector<double> mean(kClasses * kPixels, 0.0), count(kClasses, 0.0);
  for (int64_t i = 0; i < images.count(); ++i) {
    count[classes[i]] += 1;
    for (int64_t p = 0; p < kPixels; ++p)
      mean[classes[i] * kPixels + p] += static_cast<double>(images.pixels[i * kPixels + p]);
  }
  std::vector<double> result(images.count(), -1.0);
  for (int64_t i = 0; i < images.count(); ++i) {
    const double n = count[classes[i]];
    if (n < 2) continue;
    double sum = 0;
    for (int64_t p = 0; p < kPixels; ++p) {
      const double step = static_cast<double>(images.pixels[i * kPixels + p]) - mean[classes[i] * kPixels + p] / n;
      sum += step * step;
    }
    result[i] = sum * n / (n - 1);
  }
  return result;
}

std::vector<double> spread_of_classes(const Images& train) {
  const std::vector<double> squares = deviations(train, train.labels);
  std::vector<double> sum(kClasses, 0.0), count(kClasses, 0.0);
  for (size_t i = 0; i < squares.size(); ++i) {
    if (squares[i] < 0) continue;
    sum[train.labels[i]] += squares[i];
    count[train.labels[i]] += 1;
  }
  for (int64_t c = 0; c < kClasses; ++c) sum[c] = count[c] > 0 ? sum[c] / count[c] : 0;
  return sum;
}

void compare_variances(const Images& images, const std::vector<int>& classes, const Against& against, Line& line) {
  const std::vector<double> squares = deviations(images, classes);
  std::vector<std::vector<double>> by_class(kClasses);
  std::vector<double> all;
  double expected = 0;
  for (size_t i = 0; i < squares.size(); ++i) {
    const double spread = against.spread[classes[i]];
    if (squares[i] < 0 || spread == 0) continue;
    by_class[classes[i]].push_back(squares[i] / spread);
    all.push_back(squares[i]);
    expected += spread;
  }
  for (const std::vector<double>& ratios : by_class) line.class_variance.push_back(estimate(ratios));
  if (!all.empty()) line.variance = scaled(estimate(all), static_cast<double>(all.size()) / expected);
}

// Everything but what stands on other lines.
Line judge_line(const Network& network, const std::string& what, const Images& images, bool is_training,
                const Against& against, const JudgeOptions& options) {
  Line line;
  line.what = what;
  line.images = images.count();
  const Seen seen = look(network, images.pixels, options.threads, options.go_on);
  line.confidence = estimate(seen.confident);
  line.class_counts.assign(kClasses, 0);
  for (const int seen_class : seen.classes) ++line.class_counts[seen_class];
  if (!images.labels.empty()) {
    int64_t agreed = 0;
    for (size_t i = 0; i < images.labels.size(); ++i) agreed += seen.classes[i] == images.labels[i];
    line.agreement = share(agreed, line.images);
  }
  const Points features{seen.features, kFeatures}, data{against.seen, kFeatures};
  const Bootstrap bootstrap{options.resamples, options.seed, options.threads, options.go_on};
  line.frechet = frechet_distance(features, against.moments, bootstrap);
  line.kernel = kernel_distance(features, data, bootstrap);
  const int64_t covered = std::min({options.covered, features.count(), data.count()});
  const Coverage region =
      coverage(features.first(covered), data.first(covered), kNeighbours, options.threads, options.go_on);
  line.precision = region.precision;
  line.recall = region.recall;
  compare_variances(images, images.labels.empty() ? seen.classes : images.labels, against, line);
  const Points pixels{images.pixels, kPixels};
  line.nearest = nearest(pixels.first(options.searched), {against.train.pixels, kPixels}, is_training, options.threads,
                         options.go_on);
  line.distance = estimate(line.nearest.distance);
  return line;
}

std::vector<double> ratios_of(const Nearest& nearest) {
  std::vector<double> ratios;
  for (size_t i = 0; i < nearest.distance.size(); ++i)
    ratios.push_back(nearest.second[i] > 0 ? nearest.distance[i] / nearest.second[i] : 1.0);
  return ratios;
}

void find_copies(const Line& test, Report& report) {
  std::vector<double> ratios = ratios_of(test.nearest);
  const auto cut = ratios.begin() + static_cast<int64_t>(kCopiedOfTest * static_cast<double>(ratios.size()));
  std::nth_element(ratios.begin(), cut, ratios.end());
  report.copied_ratio = *cut;
  const auto count = [&](Line& line) {
    const std::vector<double> of_line = ratios_of(line.nearest);
    const auto copies = std::ranges::count_if(of_line, [&](double ratio) { return ratio < report.copied_ratio; });
    line.copied = share(copies, static_cast<int64_t>(of_line.size()));
    return copies;
  };
  for (Line& line : report.references) count(line);
  const int64_t copies = count(report.samples);
  report.chance = chance_of_count(copies, report.samples.copied.count, kCopiedOfTest);
  report.memorised = report.samples.copied.mean > kCopied && report.chance < kChance;
}

}  // namespace

double chance_of_count(int64_t count, int64_t n, double probability) {
  double sum = 0;
  for (int64_t k = count; k <= n; ++k) {
    const auto from = static_cast<double>(n), of = static_cast<double>(k);
    sum += std::exp(std::lgamma(from + 1) - std::lgamma(of + 1) - std::lgamma(from - of + 1) +
                    of * std::log(probability) + (from - of) * std::log1p(-probability));
  }
  return std::min(1.0, sum);
}

Report judge(const Network& network, const Images& samples, const Data& data, const JudgeOptions& options) {
  if (samples.count() < 2)
    throw InputError(
        fmt::format("{} image to judge is too few; at least 2 are needed, and some 1000 for figures worth "
                    "having",
                    samples.count()));
  require_classes(samples, "the samples");
  require_classes(data.train, data.name);
  require_classes(data.test, data.name);
  if (data.test.count() < 4 || data.train.labels.empty() || data.test.labels.empty())
    throw InputError(
        fmt::format("{} has {} test images; at least 4 are needed, with labels", data.name, data.test.count()));
  Report report;
  report.data = data.name;
  report.test_accuracy = network.test_accuracy;
  report.has_labels = !samples.labels.empty();
  report.train_images = data.train.count();
  report.test_images = data.test.count();

  // In an order drawn once and for all: MNIST has the images of two kinds of writers in its two halves, and the files
  // of Fashion-MNIST may come class by class.
  const Images test = shuffled(data.test, kSplit, 0);
  const ClassModels models(data.train);
  const int64_t size = std::min(samples.count(), options.of_line);
  std::vector<int> labels(samples.labels.begin(), samples.labels.begin() + (report.has_labels ? size : 0));
  for (int64_t i = 0; labels.size() < static_cast<size_t>(size); ++i) labels.push_back(static_cast<int>(i % kClasses));

  // Made when they are needed: a line of 10,000 images is 31 MB.
  struct Kind {
    std::string what;
    std::function<Images()> images;
    bool is_training = false;
  };
  const std::string noisy = options.noise > 0 ? fmt::format("test images, noise {:g}", options.noise) : "test images";
  const std::vector<Kind> kinds = {
      {"samples", [&] { return samples; }},
      {"training images", [&] { return first_of(data.train, size); }, true},
      {noisy, [&] { return with_noise(first_of(every_second(test, 0), size), options.noise, options.seed); }},
      {"class means", [&] { return models.means(labels); }},
      {"class Gaussians", [&] { return models.gaussians(labels, options.seed, options.threads); }},
      {"Bernoulli pixels", [&] { return models.bernoulli(labels, options.seed); }}};
  const auto total = static_cast<int64_t>(kinds.size()) + 1;
  const auto tell = [&](const std::string& stage, int64_t done) {
    if (!swell::tell(options.progress, {stage, static_cast<double>(done), static_cast<double>(total)}))
      throw Interrupted("judging was interrupted; nothing was written");
  };
  tell("test images", 0);
  Images shown = test, binary;
  prepare(shown, options.threshold);
  if (options.threshold >= 0) {
    binary = data.train;
    prepare(binary, options.threshold);
  }
  const Images& train = options.threshold >= 0 ? binary : data.train;
  const Seen seen = look(network, shown.pixels, options.threads, options.go_on);
  Against against{mean_and_covariance({seen.features, kFeatures}), {}, spread_of_classes(train), train};
  for (int64_t i = 1; i < seen.images; i += 2) {
    const float* features = seen.features.data() + i * kFeatures;
    against.seen.insert(against.seen.end(), features, features + kFeatures);
  }
  report.kernel_images = seen.images / 2;
  for (size_t k = 0; k < kinds.size(); ++k) {
    tell(kinds[k].what, static_cast<int64_t>(k) + 1);
    Images images = kinds[k].images();
    prepare(images, options.threshold);
    Line line = judge_line(network, kinds[k].what, images, kinds[k].is_training, against, options);
    (k == 0 ? report.samples : report.references.emplace_back()) = std::move(line);
  }
  report.covered = std::min({options.covered, samples.count(), report.kernel_images});
  report.searched = std::min(options.searched, samples.count());
  find_copies(report.references[1], report);
  return report;
}

}  // namespace swell::judge
