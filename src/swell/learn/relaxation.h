#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/engine/run.h"
#include "swell/kernels/rows.h"
#include "swell/model/design.h"

namespace swell {

// A machine that answers: some groups are clamped at the question, the others start at x = 0 and relax under one
// coupling set for the whole of a protocol of one segment, and the units of one group are read at its end. Here it
// stands as trainers need it: its independent parameters in one row, their derivatives through the simulated dynamics.
class Relaxation {
 public:
  // Throws InputError where the protocol is not of that kind (one segment with couplings, at least one group clamped,
  // constant kT, no drive), the integrator is not Euler-Maruyama, or a coupling is sparse. It keeps what it needs.
  Relaxation(const Design& design, const Protocol& protocol, int output_group);

  int64_t inputs() const { return static_cast<int64_t>(input_units_.size()); }
  int64_t outputs() const { return outputs_; }
  int64_t free_units() const { return static_cast<int64_t>(free_units_.size()); }
  int64_t steps() const { return steps_; }
  int64_t parameters() const { return static_cast<int64_t>(places_.size()); }
  double dt() const { return dt_; }

  // The parameters of a set in the order used here, and back.
  std::vector<float> read(const CouplingSet& set) const;
  void write(std::span<const float> parameters, CouplingSet& set) const;

  // A start for training: normal numbers, couplings to inputs of deviation spread / sqrt(inputs), others of a tenth of
  // spread / sqrt(free units), biases zero.
  std::vector<float> draw(double spread, uint64_t seed) const;

  // Questions side by side, and the numbers of the trajectories that answer them (consecutive).
  struct Batch {
    const float* inputs = nullptr;  // [rows][inputs()]
    int64_t rows = 0;
    NoiseKey noise;
    uint64_t first_trajectory = 0;
    std::function<bool()> halted = {};  // asked by each thread for each tile; true throws Interrupted
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
  //   lambda_k = lambda_{k+1} - mu dt (U''(x_k) + J) lambda_{k+1},  dL/dJ_ij -= mu_i dt lambda_i x_j + mu_j dt lambda_j
  //   x_i.
  // States are kept every kCheckpoint steps and the steps between are taken again, so that memory grows with the root
  // of their number.
  double loss_and_gradient(std::span<const float> parameters, const Batch& batch, const Loss& loss, int threads,
                           std::vector<float>& gradient) const;

 private:
  struct Matrices {
    std::vector<float> input;  // [inputs][stride] couplings of inputs (rows) and free units
    std::vector<float> inner;  // [free][stride] symmetric
    std::vector<float> bias;   // [stride]
  };
  struct Tile;
  enum class Kind : uint8_t { input, inner, bias };
  struct Place {
    Kind kind;
    int32_t row, column;  // in that matrix; of inner row < column
  };

  Matrices expand(std::span<const float> parameters) const;
  void find_places(const Computer& computer, const CouplingSet& set);
  RowUnits units() const;
  void fields(const Matrices& matrices, const Batch& batch, int64_t first, int64_t rows, Tile& tile) const;
  void advance(const Matrices& matrices, const Batch& batch, int64_t first, int64_t rows, int64_t step, Tile& tile,
               const float* x, float* next) const;

  std::vector<int64_t> input_units_, free_units_;       // numbers in the computer
  std::vector<std::pair<int64_t, int64_t>> stretches_;  // of free units: first, count
  std::vector<Place> places_;
  int64_t output_first_ = 0, outputs_ = 0, stride_ = 0, steps_ = 0;
  double dt_ = 0, kT_ = 0;
  std::vector<float> J2_, J3_, J4_, mobility_dt_, noise_scale_;
  Computer shape_;  // groups and sets without numbers of their own, to read and write parameters
};

}  // namespace swell
