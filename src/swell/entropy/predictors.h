#pragma once

#include "swell/entropy/estimator_result.h"
#include "swell/entropy/symbols.h"

namespace swell::entropy {

// Estimators of SP 800-90B, sections 6.3.7 to 6.3.10: how well the next symbol can be told from those before. Any
// alphabet. Figures as in prediction.h. Each needs some samples more than it skips, otherwise it is not applicable.

// 6.3.7: the commonest symbol of the last 63, 255, 1023 or 4095, of equally common ones the latest.
EstimatorResult multi_mcw(const Symbols& symbols);

// 6.3.8: the symbol 1 to 128 samples ago.
EstimatorResult lag(const Symbols& symbols);

// 6.3.9: what most often followed the last 1 to 16 symbols, of equally common ones the one of highest value. Each of
// the 16 models keeps up to 100,000 transitions.
EstimatorResult multi_mmc(const Symbols& symbols);

// 6.3.10: what most often followed the last 16 to 1 symbols, in a dictionary of up to 65,536 strings; the longest
// string of the commonest prediction wins.
EstimatorResult lz78y(const Symbols& symbols);

}  // namespace swell::entropy
