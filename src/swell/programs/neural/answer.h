#pragma once

#include <cstdint>
#include <vector>

#include "swell/engine/run.h"
#include "swell/hardware/imperfections.h"
#include "swell/ledger/bill.h"
#include "swell/ledger/diagnostics.h"
#include "swell/programs/neural/examples.h"

namespace swell::neural {

struct AnswerOptions : RunSettings {  // whose ranks share the runs, and call this alike
  Seed seed = 1;
  int64_t run = 0;        // number of the run: each has its own noise
  double kT = -1;         // E0; the design's where negative
  double duration = 0;    // 1/mu, a multiple of dt; the protocol's where 0
  int64_t snapshots = 0;  // read the outputs so many times along the way, evenly
  int64_t repeats = 1;    // runs at once: all questions, then all of them again, with noise of its own each time
  // Of a chip, for its outputs: they are read through its converter, with the draws of its seed. Null for no converter.
  const hardware::Imperfections* readout = nullptr;
  uint64_t chip_seed = 0;
  bool keeps_part = false;  // where `progress` stops it: the answers that are finished, where there are any
};

// What a machine answered, one run or several; in the order of the runs, and of the questions in each.
struct Answers {
  int64_t rows = 0, outputs = 0;  // answers: questions x repeats, fewer where it was interrupted
  bool interrupted = false;
  std::vector<int64_t> question;  // [rows] number of the question
  std::vector<float> x;           // [rows][outputs] at the end
  std::vector<double> entropy;    // [rows] given to the bath: heat over kT
  std::vector<double> times;      // [snapshots] 1/mu
  std::vector<float> snapshots;   // [snapshots][rows][outputs]
  double multiply_adds = 0;       // of the simulation
  double draws = 0;               // normals
  std::string engine;             // that ran
  double wall_s = 0;
  int64_t steps = 0;
  Diagnostics diagnostics;  // at the time of reading
};

// Runs protocol "answer" on every example. Clamped units exert a force that is constant in time, -sum_j J_ij u_j, so
// that it is summed once for each question, and the free units alone are simulated under it: the same states, heat and
// noise as with the clamped units in place, as long as those come last in the design. Throws Interrupted where nothing
// was finished, or nothing of it is to be kept.
Answers answer(const NeuralDesign& design, const DataSet& examples, const AnswerOptions& options);

// What one answer of these costs as a device, with `inputs` written for each. What several runs cost the simulation is
// added by add_costs(); the digital alternative is the caller's.
Bill price(const NeuralDesign& design, const Answers& answers, int64_t inputs, const Prices& prices);
void add_costs(Bill& bill, const Answers& answers);

// The computer of the free units, its protocol with their drive, and the number of the output group in it.
struct FreeMachine {
  Computer computer;
  Protocol protocol;
  int output = 0;
};
FreeMachine free_machine(const NeuralDesign& design, double kT, double duration);

// The force of the clamped units on the free ones, [rows][free units].
std::vector<double> input_forces(const NeuralDesign& design, const DataSet& examples, int threads);

}  // namespace swell::neural
