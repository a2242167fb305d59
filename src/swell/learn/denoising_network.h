#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "swell/base/memory.h"
#include "swell/kernels/operands.h"
#include "swell/kernels/stage_rows.h"
#include "swell/learn/stage_images.h"
#include "swell/learn/stage_training.h"
#include "swell/learn/training.h"
#include "swell/model/design.h"

namespace swell {

// The digital rival of a machine of stages: a feed-forward network of the same size that takes noise away. It has what
// symmetric couplings and real units forbid, weights of its own for the way back, gains of its own for it, and the
// activation phi(u) = u / (1 + e^-u). For y = image + rho noise, images about their mean, of label unit l:
//   D(y) = p y + q F,  p = sd^2 / (rho^2 + sd^2),  q = rho sd / sqrt(rho^2 + sd^2),  z = y / sqrt(rho^2 + sd^2),
//   F = W' (e_k phi(g_k W z + c_k + a_k U_l)) + o_k z + b_k + d_k B_l
// (T. Karras et al., arXiv:2206.00364, eq. 7), k the level of the noise: as many levels as the machine has stages, even
// in log rho. The loss of a level is the mean square of q F - (image - p y) in units of q^2, the error of the best
// linear estimate of a pixel by itself: the unit of a stage's loss (stage_training.h).
struct NetworkForm {
  std::vector<int64_t> shape;  // of an image
  int64_t visible = 0, hidden = 0, levels = 0, labels = 0, classes = 0, styles = 0;
  double noise_first = 0, noise_last = 0;  // rho at the noisiest and at the clean end
  double spread = 0;                       // sd: of a pixel about its mean

  int64_t level(double rho) const;
  // That two products of a matrix and a vector take, for one image once; gains and biases are not counted.
  int64_t multiply_adds() const { return 2 * visible * hidden; }
};

struct DenoisingNetwork {
  NetworkForm form;
  std::vector<float> parameters;   // W [hidden][visible], W' likewise, U, B, then the numbers of each level
  std::vector<float> mean;         // [visible] of the images, in [0, 1]
  std::vector<float> style_mean;   // [labels][visible] about it; of no labels one row of zeros
  std::vector<float> style_share;  // [labels] of a style in the images of its class
};

// What a row of noisy images is: its level and its label unit.
struct NoisyRow {
  double rho = 0;
  int label = 0;
};

// D of rows y[rows][visible]; both sides are of one network, laid out once.
class Denoiser {
 public:
  explicit Denoiser(const DenoisingNetwork& network);  // refers to it
  void denoise(std::span<const NoisyRow> rows, const float* y, float* estimate) const;

 private:
  const DenoisingNetwork& network_;
  Operand by_visible_, by_hidden_;
};

// Learns one by Adam, with the examples, the course of the rate and the running average of the machine's training.
class NetworkTrainer {
 public:
  // Refers to the design, which has stages. Throws InputError where they do not fit.
  NetworkTrainer(const Design& design, const DataSet& images, const StageTrainingOptions& options);
  ~NetworkTrainer();

  // Until all updates are taken or the course ends it; false where that happened. The state is resumed from.
  bool train(TrainingState& state, const TrainingCourse& course);
  // On images that were not learned from, `rows` of each level.
  StageLosses losses(const TrainingState& state, int64_t rows) const;
  DenoisingNetwork network(const TrainingState& state) const;
  int64_t held_out() const { return images_.held_out; }

  // The loss and its derivative by all parameters, of the examples of one update: for tests.
  double gradient(std::span<const float> parameters, int64_t update, std::vector<float>& derivative);
  std::vector<float> initial_parameters() const;

 private:
  struct Work;
  void make_examples(int64_t update, int64_t level, int64_t rows, bool held_out, Work& work, int64_t at) const;
  double derive(std::span<const float> parameters, int64_t update, Work& work, std::vector<float>& derivative);
  void fill_weights(std::span<const float> parameters, int64_t first, int64_t count);
  // Rows [first, first + count) of the derivatives by W and by W'.
  void gather_weights(int64_t first, int64_t count, float* up, float* down) const;
  void gather_label(int64_t label, std::vector<float>& derivative) const;

  const Design& design_;
  StageTrainingOptions options_;
  StageImages images_;
  NetworkForm form_;
  Operand by_visible_, by_hidden_, back_;  // W and W' as right sides; W' once more, summed over visible units
  Operand left_up_, right_up_, left_down_, right_down_;  // sides of the derivatives by W and by W'
  std::vector<Work> work_;                               // of consecutive levels each
};

// Safetensors, in single precision.
void write_network(const std::filesystem::path& path, const DenoisingNetwork& network,
                   const std::map<std::string, std::string>& notes);
struct NetworkFile {
  DenoisingNetwork network;
  std::map<std::string, std::string> notes;
};
// Throws IoError where the file is not such a file or its tensors do not fit.
NetworkFile read_network(const std::filesystem::path& path);

}  // namespace swell
