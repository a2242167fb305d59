#pragma once

#include <vector>

#include "swell/learn/hidden_response.h"
#include "swell/learn/stage_training.h"

// What the trainer of stages works with, of stage_training.cc alone.
namespace swell {

// What stands fixed about a stage.
struct StageTrainer::Stage {
  double J2 = 0;  // of the hidden units
  Bend bend{};
  std::vector<float> nodes;                              // of the response
  double decay = 0, variance = 0, force = 0, scale = 0;  // A e^-t, s^2, f, spread of images and noise in z
  double share = 0;                                      // S
  double wiener = 0;                                     // error of the best linear estimate of a pixel by itself

  ResponseNodes response() const { return {nodes.data(), static_cast<int64_t>(nodes.size()) / 2, -kReach, kSpacing}; }
};

// Buffers of one piece, rows one after the other, for the H hidden units of its window.
struct StageTrainer::Work {
  Work(int64_t rows, int64_t V, int64_t H, int64_t labels, bool bf16)
      : visible_stride(padded_width(V)),
        hidden_stride(padded_width(H)),
        scaled(rows * visible_stride),
        target(rows * visible_stride),
        out(rows * visible_stride),
        d_out(rows * visible_stride),
        noise(rows * visible_stride),
        field(rows * hidden_stride),
        value(rows * hidden_stride),
        slope(rows * hidden_stride),
        d_field(rows * hidden_stride),
        exerted(rows * hidden_stride),
        coupled(rows * hidden_stride),
        d_label_visible(labels * visible_stride),
        d_label_hidden(labels * hidden_stride),
        asked(labels, 0),
        label(rows),
        left_visible(Side::left, bf16, rows, V),
        left_hidden(Side::left, bf16, rows, H) {}
  int64_t visible_stride, hidden_stride;
  AlignedVector<float> scaled, target, out, d_out, noise;  // [rows][visible]
  AlignedVector<float> field, value, slope, d_field;       // [rows][hidden]
  AlignedVector<float> exerted, coupled;                   // what they exert; what comes back through W
  AlignedVector<float> d_label_visible, d_label_hidden;    // [labels][visible or hidden]
  std::vector<char> asked;                                 // [labels] whether any row has it
  std::vector<int> label;                                  // [rows]
  Operand left_visible, left_hidden;
};

}  // namespace swell
