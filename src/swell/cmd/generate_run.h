#pragma once

#include "swell/cmd/command.h"
#include "swell/cmd/progress.h"
#include "swell/programs/generate/report.h"
#include "swell/programs/generate/sample.h"

namespace swell::cmd {

// What `generate` and `demo` share: the run with progress, and its summary for people. Seed and threads come from
// `common`.
generate::Samples generate_with_progress(const generate::Trained& trained, generate::SampleOptions options,
                                         const Common& common);
void say_summary(const generate::Samples& samples, const Common& common);

}  // namespace swell::cmd
