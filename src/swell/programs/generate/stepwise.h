#pragma once

#include "swell/programs/generate/sample.h"

namespace swell::generate {

// Images that can be looked at while they emerge: generate() in parts of as many steps as its caller likes. At the end
// the samples are those of generate(), to the bit; heat and work to rounding.
class StepwiseGeneration {
 public:
  // `trained` must outlive this. options.checkpoint, film and kept states are not looked at. Throws InputError as
  // generate() does, and where a drive changes within a segment.
  StepwiseGeneration(const Trained& trained, const SampleOptions& options);
  StepwiseGeneration(const StepwiseGeneration&) = delete;  // its run refers to its patterns

  int64_t steps() const { return steps_; }  // of the whole protocol
  int64_t done() const { return run_.steps; }
  bool finished() const { return done() == steps_; }

  // Takes so many steps, one more where the part would end where the control changes, fewer at the end of the protocol.
  void advance(int64_t steps);

  // States, and books so far; segments to come have none.
  const Run& run() const { return run_; }
  // Of the segment that the last step was in.
  const std::string& phase() const;
  // What generate() returns, but for its film. Needs finished().
  Samples samples() const { return read_samples(trained_, options_, patterns_, run_); }

 private:
  const Trained& trained_;
  const SampleOptions options_;
  const Patterns patterns_;
  const Protocol& protocol_;
  RunOptions run_options_;
  int64_t steps_ = 0;
  std::vector<int64_t> ends_;  // [segments] steps at the end of each
  Run run_;
};

}  // namespace swell::generate
