#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "swell/base/ranks.h"

// Ranks that are threads of this process: what is shared among processes, held to the same claims without any.
namespace swell::test {

class ThreadRanks {
 public:
  explicit ThreadRanks(int size) : size_(size), pieces_(size), sums_(size) {}

  // Calls work at each rank; what it throws is returned, in the order of ranks.
  std::vector<std::exception_ptr> each(const std::function<void(Ranks&)>& work) {
    std::vector<std::exception_ptr> failures(size_);
    std::vector<std::jthread> threads;
    for (int r = 0; r < size_; ++r) {
      threads.emplace_back([&, r] {
        One one(*this, r);
        try {
          work(one);
        } catch (...) {
          failures[r] = std::current_exception();
        }
      });
    }
    threads.clear();
    return failures;
  }

 private:
  class One : public Ranks {
   public:
    One(ThreadRanks& all, int rank) : all_(all), rank_(rank) {}
    int rank() const override { return rank_; }
    int size() const override { return all_.size_; }
    int neighbours() const override { return all_.size_; }
    std::vector<Bytes> gather(std::span<const std::byte> piece) override {
      all_.pieces_[rank_].assign(piece.begin(), piece.end());
      all_.meet();
      std::vector<Bytes> result = all_.pieces_;
      all_.meet();
      return result;
    }
    void collect(std::span<const std::byte> piece,
                 const std::function<void(std::span<const std::byte>)>& take) override {
      const std::vector<Bytes> pieces = gather(piece);
      for (const Bytes& one : pieces) {
        if (rank_ == 0) take(one);
      }
    }
    void add(std::span<int64_t> values, bool) override {
      all_.sums_[rank_].assign(values.begin(), values.end());
      all_.meet();
      const auto sums = all_.sums_;
      all_.meet();
      for (size_t k = 0; k < values.size(); ++k) {
        values[k] = 0;
        for (const auto& one : sums) values[k] += one[k];
      }
    }

   private:
    ThreadRanks& all_;
    const int rank_;
  };

  void meet() {
    std::unique_lock lock(mutex_);
    const int64_t round = round_;
    if (++here_ == size_) {
      here_ = 0;
      ++round_;
      changed_.notify_all();
    }
    changed_.wait(lock, [&] { return round_ != round; });
  }

  const int size_;
  std::vector<Ranks::Bytes> pieces_;
  std::vector<std::vector<int64_t>> sums_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int here_ = 0;
  int64_t round_ = 0;
};

}  // namespace swell::test
