#include "swell/programs/route/start_tour.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

namespace swell::route {

namespace {

constexpr int64_t kEndsNear = 8;  // candidates of an end of a part

// Parts of a tour that grow together.
class Parts {
 public:
  explicit Parts(int64_t cities) : mates_(cities, {-1, -1}), whole_(cities), count_(cities) {
    std::iota(whole_.begin(), whole_.end(), 0);
  }

  bool join(int32_t a, int32_t b) {
    if (mates_[a][1] >= 0 || mates_[b][1] >= 0) return false;
    const int32_t p = part(a), q = part(b);
    if (p == q) return false;
    whole_[p] = q;
    mates_[a][mates_[a][0] >= 0] = b;
    mates_[b][mates_[b][0] >= 0] = a;
    --count_;
    return true;
  }

  int64_t count() const { return count_; }

  std::vector<int32_t> ends() const {
    std::vector<int32_t> ends;
    for (size_t k = 0; k < mates_.size(); ++k) {
      if (mates_[k][1] < 0) ends.push_back(static_cast<int32_t>(k));
    }
    return ends;
  }

  // The one part that is left, from end to end.
  std::vector<int32_t> order() const {
    std::vector<int32_t> order = {ends().front()};
    for (int32_t last = -1; order.size() < mates_.size();) {
      const int32_t here = order.back();
      order.push_back(mates_[here][0] != last ? mates_[here][0] : mates_[here][1]);
      last = here;
    }
    return order;
  }

 private:
  int32_t part(int32_t city) {
    while (whole_[city] != city) city = whole_[city] = whole_[whole_[city]];
    return city;
  }

  std::vector<std::array<int32_t, 2>> mates_;
  std::vector<int32_t> whole_;
  int64_t count_;
};

}  // namespace

std::vector<int32_t> greedy_tour(const TourMap& map) {
  const auto n = static_cast<int32_t>(map.cities());
  Parts parts(n);
  for (int32_t a = 0; a < n; ++a) {
    for (const int32_t b : map.held_by(a)) {
      if (b > a) parts.join(a, b);
    }
  }
  std::vector<TourMap::Link> links;
  for (int32_t a = 0; a < n; ++a) {
    for (const auto& [b, distance] : map.near(a)) links.push_back({distance, std::min(a, b), std::max(a, b)});
  }
  while (true) {
    std::sort(links.begin(), links.end());
    for (const auto& link : links) parts.join(link.a, link.b);
    if (parts.count() == 1) return parts.order();
    links = map.links_among(parts.ends(), kEndsNear);
  }
}

}  // namespace swell::route
