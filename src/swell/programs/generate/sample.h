#pragma once

#include <map>
#include <string>
#include <vector>

#include "swell/engine/run.h"
#include "swell/learn/trained.h"
#include "swell/ledger/bill.h"
#include "swell/ledger/diagnostics.h"

namespace swell::generate {

struct SampleOptions : RunSettings {
  int64_t samples = 100;
  Seed seed = 1;
  double dt = 0;              // step, 1/mu; 0 for the design's
  std::vector<int> labels;    // classes asked for, sample after sample in turn; empty for each class in turn
  int64_t film_samples = 25;  // of which a film is kept
  int64_t film_frames = 100;
  Prices prices;
  std::vector<PlannedFile> files;  // that the caller will write: samples for which the disk has no room are refused
  CheckpointFile checkpoint;       // its film lies beside it
};

// How the samples compare with the images that the computer was trained on.
struct Quality {
  Estimate nearest_cosine;              // cosine between a sample and its nearest image, pixels in [-1, 1]
  std::vector<double> cosine;           // [samples]
  std::vector<int64_t> nearest;         // [samples] number of the nearest image
  std::map<int, int64_t> class_counts;  // samples by label of the nearest image (by its number without labels)
  int64_t negatives = 0;                // samples nearer to the negative of an image than to any image
  Estimate blend;                       // share of the picture in a sample that is not its nearest image (blend.h)
  int64_t blended = 0;                  // samples of which that is more than kBlended
};

struct Samples {
  std::vector<int64_t> shape;  // of one sample
  std::vector<float> values;   // [samples][shape] states of the units; of a machine of stages pixels in [-1, 1]
  std::vector<int> labels;     // [samples] the class asked for; empty where the machine has none
  int64_t count = 0;
  bool interrupted = false;     // without a checkpoint: `count` are those that had been finished
  std::vector<double> entropy;  // [samples] given to the bath in the segments with couplings: heat over kT
  std::vector<Estimate> heat_of_segment, work_of_segment;  // [segments of the protocol] kT, over samples
  double unit_steps_per_s = 0;
  double wall_s = 0;
  double memory_predicted_bytes = 0;
  std::vector<double> film_times;        // [frames] units of 1/mu
  std::vector<std::string> film_phases;  // [frames] name of the segment that led there
  std::vector<char> film_coupled;        // [frames] 1 where couplings were in force in it
  std::vector<float> film;               // [frames][film samples][shape]
  int64_t film_samples = 0;
  bool judged = false;  // quality is filled
  Quality quality;
  Diagnostics diagnostics;
  Bill bill;
};

// Runs the design's protocol "generation" from x = 0 and reads the data group at the end, of a chip through its
// converter.
Samples generate(const Trained& trained, const SampleOptions& options);

// The two halves of generate(), for those who advance the run themselves (programs/generate/stepwise.h): what run() is
// asked for, without film, and what comes of its result. Throws InputError where the design makes no
// images or has no class to ask for.
RunOptions generation_run(const Trained& trained, const SampleOptions& options, const Patterns& patterns);
Samples read_samples(const Trained& trained, const SampleOptions& options, const Patterns& patterns, const Run& run);

// What a device has to store for a design: couplings, biases and, of a machine of stages, what changes between them.
int64_t parameters_of(const Design& design);

// When the samples are safe: the checkpoint and its film go.
void remove_checkpoint(const SampleOptions& options);

// images: [images][pixels] in [-1, 1]; samples: [count][pixels].
Quality judge(std::span<const float> samples, int64_t count, const DataSet& images);

}  // namespace swell::generate
