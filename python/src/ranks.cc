#include "ranks.h"

#include <nanobind/stl/vector.h>

#include <algorithm>
#include <chrono>

namespace swell::python {

namespace {

constexpr int64_t kLargest = int64_t{1} << 28;  // bytes of one message

// Memory as mpi4py takes it, without a copy.
nb::object view_of(std::span<const std::byte> memory) {
  auto* const data = reinterpret_cast<char*>(const_cast<std::byte*>(memory.data()));
  return nb::steal(PyMemoryView_FromMemory(data, static_cast<Py_ssize_t>(memory.size()), PyBUF_READ));
}
nb::object room_of(std::span<std::byte> memory) {
  auto* const data = reinterpret_cast<char*>(memory.data());
  return nb::steal(PyMemoryView_FromMemory(data, static_cast<Py_ssize_t>(memory.size()), PyBUF_WRITE));
}

class PythonRanks : public Ranks {
 public:
  explicit PythonRanks(nb::object wrapped)
      : wrapped_(std::move(wrapped)),
        rank_(nb::cast<int>(wrapped_.attr("rank"))),
        size_(nb::cast<int>(wrapped_.attr("size"))),
        neighbours_(nb::cast<int>(wrapped_.attr("neighbours"))) {}

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int neighbours() const override { return neighbours_; }
  Traffic traffic() const override { return traffic_; }

  std::vector<Bytes> gather(std::span<const std::byte> piece) override {
    return timed([&] {
      const std::vector<int64_t> sizes = sizes_of(piece);
      std::vector<Bytes> pieces(size_);
      for (int r = 0; r < size_; ++r) {
        if (r == rank_) {
          pieces[r].assign(piece.begin(), piece.end());
        } else {
          pieces[r].resize(sizes[r]);
        }
        traffic_.bytes += sizes[r];
        in_messages(pieces[r], [&](std::span<std::byte> part) { wrapped_.attr("broadcast")(room_of(part), r); });
      }
      return pieces;
    });
  }

  void collect(std::span<const std::byte> piece, const std::function<void(std::span<const std::byte>)>& take) override {
    std::exception_ptr failure;
    const auto hand = [&](std::span<const std::byte> one) {
      if (failure) return;
      try {
        take(one);
      } catch (...) {
        failure = std::current_exception();
      }
    };
    if (rank_ == 0) hand(piece);
    const std::vector<int64_t> sizes = timed([&] { return sizes_of(piece); });
    for (int r = 1; r < size_; ++r) {
      if (rank_ != 0 && rank_ != r) continue;
      traffic_.bytes += sizes[r];
      Bytes other(rank_ == 0 ? sizes[r] : 0);
      timed([&] {
        if (rank_ == 0) {
          in_messages(other, [&](std::span<std::byte> part) { wrapped_.attr("receive")(room_of(part), r); });
        } else {
          in_messages(piece, [&](std::span<const std::byte> part) { wrapped_.attr("send")(view_of(part)); });
        }
        return 0;
      });
      if (rank_ == 0) hand(other);
    }
    if (failure) std::rethrow_exception(failure);
  }

  void add(std::span<int64_t> values, bool) override {
    const nb::gil_scoped_acquire locked;
    ++traffic_.calls;
    wrapped_.attr("add")(room_of(std::as_writable_bytes(values)));
  }

 private:
  // With the interpreter's lock, which mpi4py gives up while it waits.
  template <class Task>
  std::invoke_result_t<Task> timed(Task task) {
    const auto start = std::chrono::steady_clock::now();
    const nb::gil_scoped_acquire locked;
    auto result = task();
    ++traffic_.calls;
    traffic_.waited_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }
  std::vector<int64_t> sizes_of(std::span<const std::byte> piece) {
    return nb::cast<std::vector<int64_t>>(wrapped_.attr("sizes")(static_cast<int64_t>(piece.size())));
  }
  template <class Byte, class Task>
  static void in_messages(std::span<Byte> memory, Task task) {
    for (size_t at = 0; at < memory.size(); at += kLargest)
      task(memory.subspan(at, std::min<size_t>(kLargest, memory.size() - at)));
  }
  template <class Task>
  static void in_messages(Bytes& memory, Task task) {
    in_messages(std::span<std::byte>(memory), task);
  }

  nb::object wrapped_;
  int rank_, size_, neighbours_;
  Traffic traffic_;
};

}  // namespace

std::unique_ptr<Ranks> ranks_of(const nb::dict& given) {
  if (!given.contains("ranks")) return nullptr;
  return std::make_unique<PythonRanks>(nb::borrow(given["ranks"]));
}

}  // namespace swell::python
