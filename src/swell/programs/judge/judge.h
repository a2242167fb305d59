#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "swell/base/progress.h"
#include "swell/programs/judge/network.h"
#include "swell/programs/judge/references.h"
#include "swell/programs/judge/statistics.h"

namespace swell::judge {

struct JudgeOptions {
  double noise = 0;         // on the test images of the reference line, of white
  double threshold = -1;    // binarise all images there; negative for not
  int64_t resamples = 100;  // for standard errors
  int64_t covered = 5000;   // images of each side for precision and recall, at most
  int64_t searched = 2000;  // images whose nearest training image is looked for, at most
  int64_t of_line = 10000;  // images of a reference line, at most
  uint64_t seed = 1;
  int threads = 1;
  std::function<bool()> go_on = {};  // from any thread; false ends the work with Interrupted
  ProgressCallback progress;
};

// The figures of one set of images, as the table has them. An estimate of no values is one that cannot be had.
struct Line {
  std::string what;
  int64_t images = 0;
  Estimate agreement;   // the judge sees the class that was asked for
  Estimate confidence;  // probability that it gives to the class it sees
  Estimate frechet;     // distances in its features, to the test images
  Estimate kernel;
  Estimate precision, recall;
  Estimate variance;                     // within classes, over that of the training images: all pixels added up
  std::vector<Estimate> class_variance;  // [class] the same
  Estimate distance;                     // to the nearest training image, root of the sum of squares over pixels
  Estimate copied;                       // share that lies suspiciously near to one training image, see Report
  Nearest nearest;                       // of the first `searched` images
  std::vector<int64_t> class_counts;     // [class] as the judge sees them
};

struct Report {
  std::string data;
  double test_accuracy = 0;
  bool has_labels = false;
  int64_t train_images = 0, test_images = 0;  // of the data
  int64_t covered = 0, searched = 0, kernel_images = 0;
  Line samples;
  // The same figures of: training images, test images with noise, class means, class Gaussians, Bernoulli pixels.
  std::vector<Line> references;

  // An image is counted as copied where its nearest training image is much nearer than the next one: their ratio is
  // below that of all but one in a hundred test images (with the noise of their line).
  double copied_ratio = 0;
  bool memorised = false;  // more than kCopied of the samples are copied, and not by chance
  double chance = 1;       // that as many of so many are, at one in a hundred
};
constexpr double kCopied = 0.05, kCopiedOfTest = 0.01;

// Judges the samples, prepared or not, in the order given: precision, recall and nearest images are of the first ones
// (shuffled() makes those a fair choice). Throws InputError for fewer than two samples, a label that is no class, or
// data without images of a class.
Report judge(const Network& network, const Images& samples, const Data& data, const JudgeOptions& options);

// The chance of `count` or more of n, each with this probability.
double chance_of_count(int64_t count, int64_t n, double probability);

}  // namespace swell::judge
