#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "swell/engine/run.h"
#include "swell/ledger/statistics.h"
#include "swell/programs/bench/machines.h"

namespace swell::bench {

// What a case advances, in the order of its name: dense/1296/batch64/threads2.
struct Case {
  enum class What {
    step,
    images,
    product,
    learning_product,
    learning_update,
    system_bits,
    tape_bits,
    run_on_bits,
    run_on_keys
  } what = What::step;
  Kind kind = Kind::dense;  // of the machine of a step
  int64_t units = 0;
  int64_t batch = 1;  // trajectories
  int threads = 1;
  Precision precision = Precision::f32;  // in the name where it is another: dense/1296/bf16/batch64/threads2
  EngineKind engine = EngineKind::cpu;   // likewise: cuda/dense/1296/batch4096/threads1

  std::string name() const;
};

// All cases on one and on `threads` threads, those of a machine together, and those of a device where one is here;
// `quick` leaves the large machines out.
std::vector<Case> all_cases(int threads, bool quick);
// Those whose name contains the pattern. Throws InputError where there is none.
std::vector<Case> choose(const std::vector<Case>& cases, std::string_view pattern);

// What a step asks of the processor at least, per trajectory and step, and the ceilings that hold it up. `bytes` counts
// what is read and written once per step by one thread, shared out over its trajectories: couplings and states; `lines`
// the cache lines that hold the neighbours of a unit of a graph without order, one for up to sixteen trajectories.
struct Cost {
  double multiply_adds = 0;
  double normals = 0;
  double bytes = 0;
  int64_t working_set = 0;  // bytes that a step runs through: the size at which the reading ceiling is measured
  double lines = 0;
  int64_t scattered_set = 0;  // bytes that the lines are scattered over
};

struct Figure {
  Case what;
  std::string unit;           // of the rates: trajectory-steps/s, images/s, products/s, updates/s or bytes/s
  std::vector<double> rates;  // of each window or repetition
  double median = 0, best = 0;
  double spread = 0;  // (third - first quartile) / median of the rates
  Cost cost;          // of one of `unit`
  int64_t units = 0;  // of the machine
  double multiply_add_s = 0, normal_s = 0, byte_s = 0,
         line_s = 0;   // least time of one of `unit` by each ceiling, all threads at work
  double limit_s = 0;  // of one of `unit` without what the case adds: bits from outside
  Estimate of_limit;   // the rate over that without, geometric mean over pairs
  std::string bound;   // "arithmetic", "noise", "memory", "scattered memory" or "without": the longest of them
  double share = 0;    // that time times the best rate
};

// The ceilings, each measured when it is first asked for and kept: per number of threads.
class Ceilings {
 public:
  explicit Ceilings(double seconds) : seconds_(seconds) {}
  double multiply_adds_f32(int threads);
  double multiply_adds_f64(int threads);
  double multiply_adds_bf16(int threads);
  double multiply_adds(Precision precision, int threads);  // of couplings: three products each in bf16x3
  double normals(int threads);
  double reads(int64_t bytes, int threads);            // bytes/s
  double scattered_reads(int64_t bytes, int threads);  // lines/s

 private:
  double measured(const char* what, int64_t size, int threads, const std::function<double()>& measure);
  double seconds_;
  std::map<std::tuple<std::string, int64_t, int>, double> known_;
};

struct Options {
  double seconds = 0.5;  // per case, without its set-up
  uint64_t seed = 1;
  std::function<bool()> go_on = [] { return true; };  // asked during runs; false throws Interrupted
};

// Measures cases one after the other, keeping the machine of the last one.
class Bench {
 public:
  explicit Bench(Options options) : options_(std::move(options)), ceilings_(options_.seconds / 4) {}
  Figure measure(const Case& what);
  Ceilings& ceilings() { return ceilings_; }

 private:
  void measure_step(Figure& figure);
  void measure_images(Figure& figure);
  void measure_product(Figure& figure);
  void measure_learning(Figure& figure);
  void measure_bits(Figure& figure);
  void compare(Figure& figure, double multiply_adds_per_s);

  Options options_;
  Ceilings ceilings_;
  Workload machine_;
  int64_t machine_units_ = 0;  // as asked for
};

}  // namespace swell::bench
