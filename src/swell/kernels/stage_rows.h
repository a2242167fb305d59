#pragma once

#include <cstdint>

namespace swell {

// What training a machine of stages (learn/stage_training.h) does to rows of numbers between its products. The same
// bits on any processor; one thread.

// The response of a unit as a function of its field, by cubic interpolation between nodes with exact slopes; beyond the
// ends along a line.
struct ResponseNodes {
  const float* nodes;  // [count][2] value, and slope times the spacing
  int64_t count;
  float first, spacing;
};

// What the label unit at 1 adds: gain[i] coupling[i]; null without label units. And the derivatives by both.
struct LabelRow {
  const float *gain, *coupling;
};
struct LabelSlopes {
  float *gain, *coupling;
};

struct StageRowKernels {
  // x = decay image + noise_scale noise; scaled = to_scaled x; target = from_x x + from_image image.
  void (*make_example)(int64_t units, float decay, float noise_scale, float to_scaled, float from_x, float from_image,
                       const float* image, const float* noise, float* scaled, float* target);
  // u = gain field + bias + label: value = response(u), slope = response'(u).
  void (*respond)(const ResponseNodes& response, int64_t units, const float* gain, const float* bias,
                  const LabelRow& label, const float* field, float* value, float* slope);
  // The way back through it. coupled: derivative by share gain value. d_gain, d_bias and those of the label are added
  // to; d_field is the derivative by the field.
  void (*retreat)(int64_t units, float share, const float* gain, const LabelRow& label, const float* field,
                  const float* value, const float* slope, const float* coupled, float* d_gain, float* d_bias,
                  const LabelSlopes& d_label, float* d_field);
  // error = unit (out + own scaled) + bias + label - target. Returns the sum of its squares. d_out = unit weight error;
  // weight error is added to d_bias, and to the label's slopes; d_own: its product with unit scaled, summed, is added.
  double (*compare)(int64_t units, float unit, float own, float weight, const float* out, const float* scaled,
                    const float* bias, const LabelRow& label, const float* target, float* d_out, float* d_bias,
                    const LabelSlopes& d_label, double* d_own);
  // One step of Adam, whose running means are unbiased by first and second; average moves by `follow` to the parameter.
  void (*adapt)(int64_t count, float rate, float unbias_first, float unbias_second, float follow, const float* gradient,
                float* parameter, float* mean, float* square, float* average);
};

const StageRowKernels& stage_row_kernels();

constexpr float kAdaptMeanDecay = 0.9f, kAdaptSquareDecay = 0.99f;

}  // namespace swell
