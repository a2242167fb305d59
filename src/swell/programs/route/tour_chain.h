#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/programs/route/tour_map.h"
#include "swell/random/sequence.h"

namespace swell::route {

// A Metropolis chain of tours in large steps (O. Martin, S. W. Otto, E. W. Felten, Complex Systems 5, 299 (1991)): a
// kick at one place of the tour, descent by sequential exchanges of up to kDepth edges (S. Lin, B. W. Kernighan, Oper.
// Res. 21, 498 (1973)) around it, and the whole taken or undone by Metropolis.
class TourChain {
 public:
  static constexpr int kDepth = 5;

  // order: each city of the map once, held edges adjacent.
  TourChain(const TourMap& map, std::span<const int32_t> order);

  // Descends from these cities, until no exchange shortens the tour or `go_on` (asked now and then) says no.
  void descend(std::span<const int32_t> cities, const std::function<bool()>& go_on);

  // One large step at temperature kT; whether it was taken.
  bool step(double kT, Sequence& draws);

  int64_t length() const { return length_; }
  const std::vector<int32_t>& order() const { return order_; }

 private:
  int32_t after(int32_t city) const {
    const int32_t place = place_[city] + 1;
    return order_[place == cities_ ? 0 : place];
  }
  int32_t before(int32_t city) const {
    const int32_t place = place_[city];
    return order_[place == 0 ? cities_ - 1 : place - 1];
  }

  void push(int32_t city);
  bool settle();
  bool improve(int32_t city);
  bool deepen(int cuts, int64_t gain);
  bool closes(int cuts);
  void exchange(int cuts);
  void rewrite(int32_t from, std::span<const int32_t> cities);
  bool choose(Sequence& draws);
  bool kick(Sequence& draws, int64_t& cost);
  void undo();

  const TourMap& map_;
  int32_t cities_;
  std::vector<int32_t> order_, place_;
  int64_t length_ = 0;

  std::vector<int32_t> waiting_;  // cities to descend from, a ring
  size_t first_waiting_ = 0;
  std::vector<char> waits_;

  // The exchange being built: city_[2 i] and city_[2 i + 1] are the ends of cut i; the new edges join city_[2 i + 1]
  // with city_[2 i + 2], the last with the first.
  int32_t city_[2 * kDepth], cut_[kDepth];  // cut: the place before the edge that is out
  bool later_[2 * kDepth];                  // whether this end is the later one of its cut, going forward
  struct Part {
    int32_t from, size;  // places, going forward, round the end
    bool reversed;
  };
  Part parts_[kDepth];  // of a closing exchange, in the order of the new tour

  struct Window {
    int32_t from;
    int32_t size;
  };
  std::vector<Window> windows_;  // rewritten since the last step that was taken
  std::vector<int32_t> old_;     // what stood there
  std::vector<int32_t> new_;
};

}  // namespace swell::route
