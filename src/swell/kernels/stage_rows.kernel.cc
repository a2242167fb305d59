// Rows of numbers between the products of a training of stages (kernels/stage_rows.h), built once per instruction set.

#include "swell/kernels/stage_rows.h"
#include "swell/base/inline.h"
#include "swell/kernels/kernel.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

namespace {

void make_example(int64_t units, float decay, float noise_scale, float to_scaled, float from_x, float from_image,
                  const float* image, const float* noise, float* scaled, float* target) {
#pragma omp simd
  for (int64_t i = 0; i < units; ++i) {
    const float x = decay * image[i] + noise_scale * noise[i];
    scaled[i] = to_scaled * x;
    target[i] = from_x * x + from_image * image[i];
  }
}

// Without label units.
template <class Row>
SWELL_INLINE bool is_there(const Row& label) {
  return label.coupling != nullptr;
}

template <bool Labelled>
SWELL_INLINE void respond_to(const ResponseNodes& response, int64_t units, const float* gain, const float* bias,
                             const LabelRow& label, const float* field, float* value, float* slope) {
  const float* const nodes = response.nodes;
  const float first = response.first, per_spacing = 1.0f / response.spacing;
  const float last = static_cast<float>(response.count - 2);
#pragma omp simd
  for (int64_t i = 0; i < units; ++i) {
    float shift = bias[i];
    if constexpr (Labelled) shift += label.gain[i] * label.coupling[i];
    const float u = gain[i] * field[i] + shift;
    const float place = (u - first) * per_spacing;
    const float inside = place < 0.0f ? 0.0f : place > last ? last : place;
    const int32_t cell = static_cast<int32_t>(inside);
    const float t = place - static_cast<float>(cell);
    const float* const node = nodes + 2 * cell;
    const float a = node[0], da = node[1], b = node[2], db = node[3];
    // Beyond the ends along the line of the last node.
    const float over = t < 0.0f ? t : t > 1.0f ? t - 1.0f : 0.0f;
    const float s = t - over;
    const float rise = b - a;
    const float c2 = 3.0f * rise - (2.0f * da + db), c3 = (da + db) - 2.0f * rise;
    const float steep = da + s * (2.0f * c2 + s * (3.0f * c3));
    value[i] = a + s * (da + s * (c2 + s * c3)) + over * steep;
    slope[i] = steep * per_spacing;
  }
}

void respond(const ResponseNodes& response, int64_t units, const float* gain, const float* bias, const LabelRow& label,
             const float* field, float* value, float* slope) {
  if (is_there(label))
    respond_to<true>(response, units, gain, bias, label, field, value, slope);
  else
    respond_to<false>(response, units, gain, bias, label, field, value, slope);
}

template <bool Labelled>
SWELL_INLINE void retreat_from(int64_t units, float share, const float* gain, const LabelRow& label, const float* field,
                               const float* value, const float* slope, const float* coupled, float* d_gain,
                               float* d_bias, const LabelSlopes& d_label, float* d_field) {
#pragma omp simd
  for (int64_t i = 0; i < units; ++i) {
    const float from_value = share * coupled[i];
    const float d_u = (from_value * gain[i]) * slope[i];
    d_gain[i] += from_value * value[i] + d_u * field[i];
    d_bias[i] += d_u;
    d_field[i] = d_u * gain[i];
    if constexpr (Labelled) {
      d_label.gain[i] += d_u * label.coupling[i];
      d_label.coupling[i] += d_u * label.gain[i];
    }
  }
}

void retreat(int64_t units, float share, const float* gain, const LabelRow& label, const float* field,
             const float* value, const float* slope, const float* coupled, float* d_gain, float* d_bias,
             const LabelSlopes& d_label, float* d_field) {
  if (is_there(label))
    retreat_from<true>(units, share, gain, label, field, value, slope, coupled, d_gain, d_bias, d_label, d_field);
  else
    retreat_from<false>(units, share, gain, label, field, value, slope, coupled, d_gain, d_bias, d_label, d_field);
}

template <bool Labelled>
SWELL_INLINE double compare_with(int64_t units, float unit, float own, float weight, const float* out,
                                 const float* scaled, const float* bias, const LabelRow& label, const float* target,
                                 float* d_out, float* d_bias, const LabelSlopes& d_label, double* d_own) {
  // Sums of kLanes parts, so that their order does not depend on the instruction set.
  float squares[kLanes] = {}, owns[kLanes] = {};
  for (int64_t i0 = 0; i0 < units; i0 += kLanes) {
    const int64_t count = units - i0 < kLanes ? units - i0 : kLanes;
#pragma omp simd
    for (int64_t k = 0; k < count; ++k) {
      const int64_t i = i0 + k;
      float shift = bias[i];
      if constexpr (Labelled) shift += label.gain[i] * label.coupling[i];
      const float error = unit * (out[i] + own * scaled[i]) + shift - target[i];
      const float weighed = weight * error;
      squares[k] += error * error;
      owns[k] += (unit * weighed) * scaled[i];
      d_out[i] = unit * weighed;
      d_bias[i] += weighed;
      if constexpr (Labelled) {
        d_label.gain[i] += weighed * label.coupling[i];
        d_label.coupling[i] += weighed * label.gain[i];
      }
    }
  }
  double sum = 0, own_sum = 0;
  for (int k = 0; k < kLanes; ++k) {
    sum += static_cast<double>(squares[k]);
    own_sum += static_cast<double>(owns[k]);
  }
  *d_own += own_sum;
  return sum;
}

double compare(int64_t units, float unit, float own, float weight, const float* out, const float* scaled,
               const float* bias, const LabelRow& label, const float* target, float* d_out, float* d_bias,
               const LabelSlopes& d_label, double* d_own) {
  return is_there(label) ? compare_with<true>(units, unit, own, weight, out, scaled, bias, label, target, d_out, d_bias,
                                              d_label, d_own)
                         : compare_with<false>(units, unit, own, weight, out, scaled, bias, label, target, d_out,
                                               d_bias, d_label, d_own);
}

void adapt(int64_t count, float rate, float unbias_first, float unbias_second, float follow, const float* gradient,
           float* parameter, float* mean, float* square, float* average) {
  constexpr float kTiny = 1e-8f;
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    mean[i] = kAdaptMeanDecay * mean[i] + (1.0f - kAdaptMeanDecay) * g;
    square[i] = kAdaptSquareDecay * square[i] + (1.0f - kAdaptSquareDecay) * (g * g);
    parameter[i] -= rate * (mean[i] * unbias_first) / (__builtin_sqrtf(square[i] * unbias_second) + kTiny);
    average[i] += follow * (parameter[i] - average[i]);
  }
}

}  // namespace

extern const StageRowKernels kStageRowKernels;
const StageRowKernels kStageRowKernels = {make_example, respond, retreat, compare, adapt};

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
