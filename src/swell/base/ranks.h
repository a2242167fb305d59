#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <span>
#include <vector>

namespace swell {

// The processes that do one job together, on one computer or many, numbered from 0. All take the same decisions and
// call the functions below in the same order, each of them from one thread at a time; each returns when all have
// called it. What is shared out is put together again in the order of ranks, so that every rank goes on with the same
// bytes, and with those of a job of one.
class Ranks {
 public:
  using Bytes = std::vector<std::byte>;

  virtual ~Ranks() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual int neighbours() const = 0;  // ranks on this computer, this one among them

  // The pieces of all ranks, in their order, at every rank.
  virtual std::vector<Bytes> gather(std::span<const std::byte> piece) = 0;
  // The first rank takes the pieces one after the other, in the order of ranks; the others give theirs away. What
  // `take` throws is thrown when all pieces have come.
  virtual void collect(std::span<const std::byte> piece,
                       const std::function<void(std::span<const std::byte>)>& take) = 0;
  // Each number becomes its sum over the ranks. `prompt`: every rank that lives answers at once, whatever its work, so
  // that after a request to stop one that does not is given up.
  virtual void add(std::span<int64_t> values, bool prompt = false) = 0;

  // What passed between this rank and the others so far.
  struct Traffic {
    int64_t calls = 0;    // of the functions above
    int64_t bytes = 0;    // that came here or went from here, but for the sums
    double waited_s = 0;  // in gather() and collect(); meetings are had by a thread of their own
  };
  virtual Traffic traffic() const { return {}; }
};

// The part of `count` things that one of so many ranks has: consecutive, whole multiples of `grain` but the last, the
// first ranks one more where they do not come out even.
struct Portion {
  int64_t first = 0, count = 0;
};
Portion portion(int64_t count, int64_t grain, int rank, int size);

// The grain of trajectories that kernels advance in lanes: of a lane block where each rank has some of them, else one.
int64_t grain_of_trajectories(int64_t count, int size);

// The values of all ranks, one behind the other.
template <typename T>
std::vector<T> gather_all(Ranks& ranks, std::span<const T> values) {
  std::vector<T> all;
  for (const Ranks::Bytes& bytes : ranks.gather(std::as_bytes(values))) {
    const size_t before = all.size();
    all.resize(before + bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(all.data() + before, bytes.data(), bytes.size());
  }
  return all;
}

// Whether it is so at every rank. Without ranks (null), whether it is so.
bool all_agree(Ranks* ranks, bool here);

// Whether it is there, and is an Interrupted.
bool is_interruption(const std::exception_ptr& failure);

// Does the work of every rank; where it threw anywhere, every rank throws the error of the lowest such rank.
void do_together(Ranks& ranks, const std::function<void()>& work);

}  // namespace swell
