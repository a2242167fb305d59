#pragma once

#include "swell/engine/run.h"
#include "swell/learn/data_set.h"
#include "swell/learn/moments.h"
#include "swell/model/design.h"

namespace swell::generate {

// Drive patterns for every unit of the design, one row per image (PatternMap in model/design.h). Throws InputError
// where the images do not have the shape of the data group. The random projection of a design is the same for every
// seed of a run.
Patterns make_patterns(const Design& design, const DataSet& set);

// The same in portions, for sets whose patterns would not fit into memory. The set outlives the source.
PatternSource pattern_source(const Design& design, const DataSet& set);

}  // namespace swell::generate
