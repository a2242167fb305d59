#include "swell/io/entry_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {

double addable(const TextLines& lines, std::string_view word, std::string_view what) {
  const double value = lines.real(word, what);
  if (std::abs(value) > 1e15)
    lines.fail(fmt::format("{} is {}; sums of such numbers overflow, the largest is 1e15", what, printable(word)));
  return value;
}

void expect_room(const TextLines& lines, int64_t count, int64_t bytes_each, std::string_view what) {
  if (count > static_cast<int64_t>(lines.bytes_left() + 1) / bytes_each)
    lines.fail(
        fmt::format("{} {} are promised, the {} bytes that follow cannot hold them", count, what, lines.bytes_left()));
}

void refuse_repeated(std::vector<LinePair> pairs, std::string_view name, int64_t first_number) {
  for (LinePair& pair : pairs) {
    if (pair.a > pair.b) std::swap(pair.a, pair.b);
  }
  sort_by_place(pairs);
  for (size_t k = 1; k < pairs.size(); ++k) {
    const LinePair &p = pairs[k - 1], &q = pairs[k];
    if (p.a == q.a && p.b == q.b) {
      throw IoError(fmt::format("{}, line {}: {} and {} are joined here and on line {} already; once is allowed", name,
                                q.line, q.a + first_number, q.b + first_number, p.line));
    }
  }
}

}  // namespace swell
