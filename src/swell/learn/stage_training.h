#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/base/memory.h"
#include "swell/base/ranks.h"
#include "swell/kernels/operands.h"
#include "swell/kernels/stage_rows.h"
#include "swell/learn/data_set.h"
#include "swell/learn/stage_images.h"
#include "swell/learn/training.h"
#include "swell/model/design.h"
#include "swell/random/normal.h"

namespace swell {

// Denoising score matching (P. Vincent, Neural Computation 23, 1661 (2011)) for machines of many stages.
//
// Taking the noising process back needs the force F = x + 2 grad ln p_t(x) on the visible units (B. Anderson,
// Stochastic Processes Appl. 12, 313 (1982)). Among all forces it is the one that comes closest, on average over images
// and their noise, to the force for the one image, F* = x (1 - 2/s^2) + (2 A e^-t / s^2) image, s^2 = 1 - e^-2t. The
// machine's force in a stage is that of its visible units with the hidden ones at their equilibrium, whose means are
// known by quadrature: they do not act on each other. With z = x / (A e^-t) in units of the spread of images and noise,
//   F = x (1 - 2/s_k^2) + f_k D(z),  f_k = 2 A e^-t_k / s_k^2,
//   D = sd (S_k W^T (g_k phi(g_k W z + c_k + a_k U_y)) + kappa_k z) + b_k + d_k B_y,
// phi the response of the hidden unit, scaled to slope 1 at 0; S_k then follows from the symmetry of the couplings.
// What is learned: W, U and B of each label unit y, and for each stage the gains g, a, d, the biases c, b, and kappa.
// The loss of a stage is the mean square of D - D*, in units of the error of the best linear estimate of one pixel by
// itself.

struct StageTrainingOptions {
  int64_t updates = 20000;
  int64_t rows = 32;   // examples of each stage in an update, a multiple of 32
  double rate = 3e-3;  // of W at its largest; four times that for the numbers of single stages
  bool bf16 = false;   // round the sides of products
  Seed seed = 1;
  int threads = 1;
  // That share the work of each update, and call all of this alike; null for this process alone. The bytes are those of
  // one process.
  Ranks* ranks = nullptr;
  std::function<bool()> go_on;  // asked while styles of images are looked for, before the first update; or empty
};

// Loss of the machine's force in each stage, on images that were not learned from, with standard errors.
struct StageLosses {
  std::vector<double> loss, error;  // [stages]
  double mean() const;
};

class StageTrainer {
 public:
  // Refers to the design, which has stages. Throws InputError where they do not fit.
  StageTrainer(const Design& design, const DataSet& images, const StageTrainingOptions& options);
  ~StageTrainer();

  // Learns until all updates are taken or the course ends it; false where that happened. The state is resumed from.
  bool train(TrainingState& state, const TrainingCourse& course);
  // By the running average of the parameters, of `rows` examples of each stage.
  StageLosses losses(const TrainingState& state, int64_t rows) const;
  // The machine with those parameters.
  Stages machine(const TrainingState& state) const;

  // One example of a stage as training sees it, for checks: the noisy state, and the force for its one image.
  struct Example {
    std::vector<float> x, force;  // [visible]
    int label = 0;                // the label unit at 1
  };
  Example held_out_example(int64_t stage, int64_t number) const;
  // Force to error of D, as the loss has it: |F - F*|^2 times this is the loss of one example.
  double loss_of_force(int64_t stage) const;

  // The loss and its derivative by all parameters, of the examples of one update: for tests.
  double gradient(std::span<const float> parameters, int64_t update, std::vector<float>& derivative);
  std::vector<float> initial_parameters() const;
  int64_t held_out() const { return images_.held_out; }

 private:
  struct Stage;
  struct Work;
  // Where parameters lie: those that all stages share, then those of each stage.
  struct Layout {
    int64_t W = 0, label_hidden = 0, label_visible = 0, shared = 0;  // [hidden][visible], [labels][hidden or visible]
    int64_t size = 0;
  };
  struct Numbers {
    int64_t gain, bias, label_gain, visible_bias, label_visible_gain, own, end;
  };
  // Consecutive stages that are answered together; of one band.
  struct Piece {
    int64_t first, last;  // stages
    Stages::Window window;
    int64_t depth;  // where its rows begin in both sides of the derivative by W: twice those of the pieces before
    int64_t rows(int64_t of_stage) const { return (last - first) * of_stage; }
  };

  void describe_stages();
  void cut_into_pieces();
  void lay_out_parameters();
  void make_examples(int64_t update, int64_t stage, int64_t rows, bool held_out, Work& work, int64_t at) const;
  // Examples of those stages, the fields and responses of the hidden units, and what they exert on the visible ones.
  void answer(std::span<const float> parameters, const Operand& by_visible, const Operand& by_hidden,
              const Piece& piece, int64_t rows, int64_t update, bool held_out, Work& work) const;
  LabelRow label_of_hidden(std::span<const float> parameters, int64_t stage, int label) const;
  LabelRow label_of_visible(std::span<const float> parameters, int64_t stage, int label) const;
  void fill_weights(std::span<const float> parameters, Portion hidden);
  void fill_slopes(int64_t piece);
  // The answers of all pieces at every rank, and the losses and derivatives that they leave.
  void share_pieces(std::vector<double>& losses, std::vector<float>& derivative);
  double derive(std::span<const float> parameters, int64_t update, int64_t piece, std::vector<float>& derivative);
  // Sums what pieces leave of the derivatives by the couplings of label units [first, last) into derivative.
  void gather_labels(int64_t first, int64_t last, std::vector<float>& derivative) const;
  // Rows of the derivative by W; false where no stage uses these units.
  bool gather_couplings(int64_t first, int64_t count, float* slopes) const;

  const Design& design_;
  StageTrainingOptions options_;
  const Stages& form_;
  int64_t V_, H_, L_, K_;
  std::vector<Stage> stages_;
  Layout layout_;
  std::vector<Numbers> numbers_;  // [stages]
  std::vector<Piece> pieces_;
  Operand by_visible_, by_hidden_;      // W as the right side: summed over visible, over hidden units
  Operand left_slopes_, right_slopes_;  // both sides of the derivative by W
  StageImages images_;
  std::vector<Work> work_;  // [pieces]
};

}  // namespace swell
