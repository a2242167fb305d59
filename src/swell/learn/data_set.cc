#include "swell/learn/data_set.h"

#include <algorithm>

namespace swell {

int64_t DataSet::width() const {
  int64_t count = shape.empty() ? 0 : 1;
  for (const int64_t extent : shape) count *= extent;
  return count;
}

DataSet first_rows(const DataSet& set, int64_t most) {
  const int64_t rows = set.rows(), kept = std::min(rows, most);
  DataSet first = set;
  first.values.resize(kept * set.width());
  if (!set.labels.empty()) first.labels.resize(kept);
  if (rows > 0) first.targets.resize(static_cast<int64_t>(set.targets.size()) / rows * kept);
  return first;
}

}  // namespace swell
