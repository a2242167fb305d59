#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "swell/engine/run.h"
#include "swell/kernels/rows.h"
#include "swell/model/design.h"

namespace swell {

// A machine under any protocol, as trainers need it: its independent parameters in one row, and the derivative by each
// of them of a loss at the end, through the simulated dynamics. Segments may drive and clamp units, change kT and take
// coupling sets in turn; a set that several segments use is one set of parameters. Couplings may be dense or sparse.
class AdjointMachine {
 public:
  // Of the design: computer, dt and integrator. Throws InputError where no segment has couplings, the integrator is not
  // Euler-Maruyama, or the output group is clamped at the end. It keeps what it needs.
  AdjointMachine(const Design& design, const Protocol& protocol, int output_group);

  int64_t pattern_width() const { return pattern_width_; }  // units of groups that are driven or clamped anywhere
  int64_t outputs() const { return outputs_; }
  int64_t units() const { return shape_.units(); }
  int64_t steps() const { return steps_; }
  int64_t parameters() const { return static_cast<int64_t>(places_.size()); }

  // The parameters of a computer's coupling sets in the order used here, and back. Couplings between units that are
  // clamped whenever they are in force are no parameters: they do nothing.
  std::vector<float> read(std::span<const CouplingSet> sets) const;
  void write(std::span<const float> parameters, std::span<CouplingSet> sets) const;

  // A start for training: normal numbers, couplings to clamped units of deviation spread / sqrt(clamped units), others
  // of a tenth of spread / sqrt(free units), biases zero.
  std::vector<float> draw(double spread, uint64_t seed) const;

  // Trajectories side by side; their numbers are consecutive.
  struct Batch {
    const float* patterns = nullptr;  // [rows][pattern_width()] of the groups driven or clamped, in the design's order
    int64_t rows = 0;
    NoiseKey noise;
    uint64_t first_trajectory = 0;
    std::function<bool()> halted = {};  // asked by each thread for each tile; true throws Interrupted
    const float* start = nullptr;       // [rows][units()]; null for x = 0
  };

  // The sum of the losses of rows [first, first + rows), outputs [rows][outputs()], and, where slope is not null, the
  // derivative by each output. There, rows come in tiles of kTileRows from row 0 on, from several threads.
  static constexpr int64_t kTileRows = 64;
  using Loss = std::function<double(int64_t first, int64_t rows, const float* outputs, float* slope)>;

  // The outputs at the end, [rows][outputs()]. The results depend neither on threads nor on how rows are split up.
  std::vector<float> answer(std::span<const float> parameters, const Batch& batch, int threads) const;

  // The mean loss of such answers.
  double mean_loss(const std::vector<float>& answers, const Loss& loss) const;

  // The mean loss over the rows; adds nothing but sets `gradient` [parameters()] to its derivative by each parameter:
  // of the simulated trajectories themselves, noise included, by the adjoint of every step
  //   lambda_k = lambda_{k+1} - mu dt (U''(x_k) + J) lambda_{k+1},
  //   dL/dJ_ij -= mu_i dt lambda_i x_j + mu_j dt lambda_j x_i.
  // A unit that a segment clamps forgets what it was before: there lambda is 0. States are kept every so many steps and
  // the steps between are taken again, so that memory grows with the root of their number.
  double loss_and_gradient(std::span<const float> parameters, const Batch& batch, const Loss& loss, int threads,
                           std::vector<float>& gradient) const;

 private:
  struct Tile;
  struct Sums;
  enum class Kind : uint8_t { input, inner, bias };
  // A parameter: the coupling of two units, or the bias of one, in a set.
  struct Parameter {
    int set;
    int32_t i, j;  // numbers of units; of a bias j is -1
  };
  // Where it acts in one segment.
  struct Place {
    Kind kind;
    int32_t row, column;  // input: clamped unit and free one; inner: free ones, row < column; bias: free one
    int64_t parameter;
  };
  // One segment: its units, in the order of the design, as rows of `stride` numbers.
  struct Piece {
    int set = kNoCouplings;
    int64_t first_step = 0, steps = 0, stride = 0;
    std::vector<int64_t> clamped, free;                  // numbers of units
    std::vector<std::pair<int64_t, int64_t>> stretches;  // of free units: first, count
    std::vector<std::pair<int64_t, int64_t>> questions;  // of clamped units: first column of the patterns, count
    std::vector<float> J2, J3, J4, mobility_dt;          // [stride]
    std::vector<float> noise_scale;                      // [stride], or [steps][stride] where kT changes
    std::vector<char> noisy;                             // [1 or steps]
    struct Drive {
      int64_t first, count, column;  // free units, and their column of the patterns
      std::vector<float> amplitude;  // [steps]
    };
    std::vector<Drive> drives;
    std::vector<Place> places;
    RowUnits units(int64_t step) const;
    bool has_noise(int64_t step) const { return noisy[noisy.size() == 1 ? 0 : step] != 0; }
  };
  struct Matrices {
    std::vector<float> input;  // [clamped][stride] couplings of clamped units (rows) and free ones
    std::vector<float> inner;  // [free][stride] symmetric
    std::vector<float> bias;   // [stride]
  };

  void find_parameters(const Computer& computer);
  Piece make_piece(const Computer& computer, const Segment& segment, int64_t first_step) const;
  void place_parameters(Piece& piece) const;
  std::vector<Matrices> expand(std::span<const float> parameters) const;
  void begin(const Piece& piece, const Matrices& matrices, const Batch& batch, int64_t first, Tile& tile) const;
  void end(const Piece& piece, Tile& tile) const;
  void advance(const Piece& piece, const Matrices& matrices, const Batch& batch, int64_t first, int64_t step,
               Tile& tile, const float* x, float* next) const;
  void retreat(const Piece& piece, const Matrices& matrices, const Batch& batch, int64_t first, Tile& tile,
               const std::vector<float>& kept, Sums& sums) const;
  std::vector<float> gradient_of(const Batch& batch, const std::vector<std::vector<Sums>>& sums, int threads) const;

  std::vector<Piece> pieces_;
  std::vector<Parameter> places_;
  std::vector<int64_t> column_;  // [units] of the patterns, or -1
  int64_t pattern_width_ = 0, output_first_ = 0, outputs_ = 0, steps_ = 0;
  double dt_ = 0;
  Computer shape_;  // groups and on-site potentials without coupling sets, to read and write parameters
};

}  // namespace swell
