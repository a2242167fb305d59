#include "swell/engine/cuda/emulated.h"

#include <cstring>
#include <new>
#include <vector>

#include "swell/kernels/kernel.h"

namespace swell::cuda {

namespace {

constexpr size_t kRoom = size_t{1} << 30;  // that the emulated memory claims to have

void* allocate(size_t bytes) {
  void* const memory = ::operator new (bytes, std::align_val_t{64});
  std::memset(memory, 0, bytes);
  return memory;
}
void release(void* memory) { ::operator delete (memory, std::align_val_t{64}); }
void copy(void* to, const void* from, size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}
void wait() {}
size_t free_bytes() { return kRoom; }

template <class Task>
void for_each_quad(const Step& step, Task task) {
  for (int64_t t = 0; t < step.trajectories; ++t) {
    for (int64_t quad = 0; quad < step.quads; ++quad) task(t, quad);
  }
}

void update(const Step& step) {
  for_each_quad(step, [&](int64_t t, int64_t quad) {
    kind_of(step) == StepKind::plain ? update_quad<StepKind::plain>(step, t, quad)
                                     : update_quad<StepKind::any>(step, t, quad);
  });
}

// A number of an operand, by rows of `rows` together; of f32, a row of J or of the states.
float number(const Dense& dense, const void* operand, int64_t rows, int64_t row, int64_t unit) {
  const char* const at = static_cast<const char*>(operand) + operand_at(dense.element, rows, dense.blocks, row, unit);
  uint32_t bits = 0;
  std::memcpy(&bits, at, bytes_of(dense.element));
  return __builtin_bit_cast(float, dense.element == Element::bf16 ? bits << 16 : bits);
}
void put_number(const Dense& dense, void* operand, int64_t row, int64_t unit, float value) {
  char* const at = static_cast<char*>(operand) + operand_at(dense.element, kRowsOfStates, dense.blocks, row, unit);
  const uint32_t bits = dense.element == Element::bf16 ? cpu::bf16_bits(value) : tf32_bits(value);
  std::memcpy(at, &bits, bytes_of(dense.element));
}

float product(const Step& step, const Dense& dense, int64_t trajectory, int64_t unit) {
  float sum = 0;
  if (dense.element == Element::f32) {
    const float* const x = step.x + trajectory * step.trajectory_stride;
    const float* const J = static_cast<const float*>(dense.J) + unit * dense.row;
    for (int64_t k = 0; k < dense.units; ++k) sum = __builtin_fmaf(J[k], x[k], sum);
    return sum;
  }
  for (int64_t k = 0; k < dense.units; ++k) {
    sum = __builtin_fmaf(number(dense, dense.J, kRowsOfCouplings, coupling_row(unit), k),
                         number(dense, dense.x, kRowsOfStates, trajectory, k), sum);
  }
  return sum;
}
Four products(const Step& step, const Dense& dense, int64_t trajectory, int64_t quad) {
  Four field;
  for (int i = 0; i < kQuad; ++i) field.v[i] = product(step, dense, trajectory, quad * kQuad + i);
  return field;
}

void multiply(const Step& step, const Dense& dense, float* field) {
  for_each_quad(step,
                [&](int64_t t, int64_t quad) { put_states(step, field, t, quad, products(step, dense, t, quad)); });
}

void round_states(const Step& step, const Dense& dense) {
  for (int64_t t = 0; t < step.trajectories; ++t) {
    for (int64_t unit = 0; unit < step.units; ++unit)
      put_number(dense, const_cast<void*>(dense.x), t, unit, step.x[place(step, t, unit)]);
  }
}

// As the threads of the tensor cores' kernel do.
template <StepKind kind>
void update_rounded(const Step& step, const Dense& dense) {
  std::vector<float> constants(kConstants * step.quads * kQuad);
  NearUnits units;
  for (int c = 0; c < kConstants; ++c) units.constant[c] = constants.data() + c * step.quads * kQuad;
  for (int64_t unit = 0; unit < step.quads * kQuad; ++unit) {
    float constant[kConstants];
    near_constants(step, unit, constant);
    for (int c = 0; c < kConstants; ++c) constants[c * step.quads * kQuad + unit] = constant[c];
  }
  for_each_quad(step, [&](int64_t t, int64_t quad) {
    const Four field = products(step, dense, t, quad), x = states_of(step, step.x, t, quad);
    const int64_t first = quad * kQuad;
    if (kind == StepKind::any && step.sum) sum_quad(step, t, quad, x, field);
    if (kind == StepKind::any && !step.move) return;
    const float* const pattern = step.driven ? pattern_of(step, t) : nullptr;
    const Four from =
        drifted<kind>(step, units, first, t, quad, pattern, x, four_normals(quad_words<kind>(step, t, quad)));
    for (int i = 0; i < kQuad; ++i) {
      const float next = pulled(from.v[i], field.v[i], step.unit.mobility_dt[first + i]);
      step.next[place(step, t, first + i)] = next;
      put_number(dense, dense.next, t, first + i, next);
    }
  });
}

void update_dense(const Step& step, const Dense& dense, int64_t steps) {
  if (dense.element != Element::f32) {
    Step one = step;
    Dense operands = dense;
    for (int64_t k = 0; k < steps; ++k) {
      switch (kind_of(one)) {
        case StepKind::plain:
          update_rounded<StepKind::plain>(one, operands);
          break;
        case StepKind::averaged:
          update_rounded<StepKind::averaged>(one, operands);
          break;
        case StepKind::any:
          update_rounded<StepKind::any>(one, operands);
      }
      ++one.draw;
      const void* const taken = operands.x;
      operands.x = operands.next;
      operands.next = const_cast<void*>(taken);
    }
    return;
  }
  for_each_quad(step, [&](int64_t t, int64_t quad) {
    const Four field = products(step, dense, t, quad);
    kind_of(step) == StepKind::plain ? update_quad<StepKind::plain>(step, t, quad, field)
                                     : update_quad<StepKind::any>(step, t, quad, field);
  });
}

void clamp(const Step& step, int64_t first, int64_t count) {
  for (int64_t t = 0; t < step.trajectories; ++t) {
    for (int64_t unit = first; unit < first + count; ++unit) clamp_unit(step, t, unit);
  }
}

void first_noise(const Step& step) {
  for_each_quad(step, [&](int64_t t, int64_t quad) { keep_noise(step, t, quad); });
}

void book_all(const Step& step, double* scratch, const Books& books, Booking booking, double kT) {
  (void)scratch;
  for (int64_t t = 0; t < step.trajectories; ++t) {
    double sum[kSums] = {};
    for (int s = 0; s < (step.driven ? kSums : 1); ++s) {
      std::vector<double> terms(step.quads);
      for (int64_t quad = 0; quad < step.quads; ++quad)
        terms[quad] = step.terms[(s * step.quads + quad) * step.terms_stride + t];
      while (terms.size() > 1) {
        std::vector<double> sums((terms.size() + kTermsPerSum - 1) / kTermsPerSum);
        for (size_t k = 0; k < sums.size(); ++k)
          sums[k] = add_terms(terms.data(), static_cast<int64_t>(terms.size()), 1, static_cast<int64_t>(k));
        terms = std::move(sums);
      }
      sum[s] = terms[0];
    }
    book(books, t, sum, booking, kT);
  }
}

void copy_states(const Step& step, int64_t trajectories, int64_t first_unit, int64_t units, float* rows) {
  for (int64_t t = 0; t < trajectories; ++t) {
    for (int64_t u = 0; u < units; ++u) rows[t * units + u] = step.x[place(step, t, first_unit + u)];
  }
}

template <int Planes>
void sweep_colour(const BitSweep& sweep) {
  for (int64_t tile = 0; tile < sweep.tiles; ++tile) {
    for (int lane = 0; lane < kTileWords; ++lane) {
      int64_t* const flips = sweep.flips + tile * pbits::kBitReplicas + lane * pbits::kReplicasPerLane;
      for (int64_t k = 0; k < sweep.count; ++k) {
        BitCount count;
        count.add(sweep_unit<Planes>(sweep, tile, lane, sweep.first + k));
        for (int r = 0; r < pbits::kReplicasPerLane; ++r) flips[r] += count.of(r);
      }
    }
  }
}

void sweep_bits(const BitSweep& sweep) {
  sweep.most_bonds < 8    ? sweep_colour<3>(sweep)
  : sweep.most_bonds < 32 ? sweep_colour<5>(sweep)
                          : sweep_colour<7>(sweep);
}

}  // namespace

const DeviceCalls& emulated() {
  static constexpr DeviceCalls device = {allocate,   release,     copy,         copy,        wait,
                                         free_bytes, update,      update_dense, multiply,    round_states,
                                         clamp,      first_noise, book_all,     copy_states, sweep_bits};
  return device;
}

}  // namespace swell::cuda
