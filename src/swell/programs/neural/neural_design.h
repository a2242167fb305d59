#pragma once

#include <vector>

#include "swell/model/design.h"

namespace swell::neural {

// What a machine that answers questions (functions, classes) needs besides: how data become inputs, which group is the
// answer, and how training sets out. The table [neural] of a design.
struct NeuralSettings {
  int output = 0;                // group read at the end of the protocol "answer"
  double mean = 0, sigma = 1;    // a datum d in [0, 1] (a pixel) is clamped as (d - mean) / sigma
  bool equal_norm = false;       // then every input row is scaled to the largest norm of the training set
  double logit_scale = 1;        // classes: training takes exp(logit_scale x_o) as weights of the classes o
  double spread = 1;             // deviation of the force of inputs of unit size on a unit before training
  std::vector<int64_t> teacher;  // hidden units of the digital teacher, layer by layer; empty for none
  std::vector<double> guide;     // [groups] guide drive on a unit per unit of the teacher's activation
};

// A design of a machine that answers.
struct NeuralDesign : Design {
  NeuralSettings neural;
};

// Throws InputError where the design has no table [neural], or something in it is wrong.
NeuralDesign neural_design(Design design);

// The sizes that a design asks for: of the clamped groups of its protocol "answer", in order, and of its output group.
// Throws InputError where the design has no protocol "answer".
int64_t question_size(const NeuralDesign& design);
int64_t answer_size(const NeuralDesign& design);
// The extents of the question where it is one group; one extent otherwise.
std::vector<int64_t> question_shape(const NeuralDesign& design);

}  // namespace swell::neural
