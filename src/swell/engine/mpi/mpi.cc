#include "swell/engine/mpi/mpi.h"

#define OMPI_SKIP_MPICXX  // the bindings for C++ that older versions have
#define MPICH_SKIP_MPICXX
#include <mpi.h>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <thread>

namespace swell::mpi {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;

// Variables that launchers give to the processes that they start.
constexpr const char* kLaunched[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS"};
constexpr int64_t kLargest = int64_t{1} << 28;  // bytes of one message
// Between two looks whether the neighbours live.
constexpr duration<double> kBetweenLooks(0.02);
// After a request to stop, ranks on other computers answer within this time where they live.
constexpr duration<double> kPatience(0.8);
// A rank that fails alone gives the others so long to fail as well.
constexpr duration<double> kGrace(3);

// Sleeps while it waits for the others, so that a thread that works may have the core: at first a moment, then longer.
// Once all are there, a message moves only while this asks for it: then it is `eager`, and sleeps are short.
bool wait_for(MPI_Request& request, const std::function<bool()>& go_on, bool eager = false) {
  const auto start = Clock::now();
  for (int64_t turn = 0;; ++turn) {
    int done = 0;
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done) return true;
    if (turn < 200) {
      std::this_thread::yield();
      continue;
    }
    const auto waited = Clock::now() - start;
    if (!go_on()) return false;
    const Clock::duration longest =
        eager ? Clock::duration(std::chrono::microseconds(50)) : std::chrono::milliseconds(5);
    std::this_thread::sleep_for(std::clamp<Clock::duration>(waited / 20, std::chrono::microseconds(20), longest));
  }
}

class MpiRanks : public Ranks {
 public:
  explicit MpiRanks(const Program& program) : program_(program) {
    MPI_Comm_dup(MPI_COMM_WORLD, &all_);
    MPI_Comm_rank(all_, &rank_);
    MPI_Comm_size(all_, &size_);
    MPI_Comm near;
    MPI_Comm_split_type(all_, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &near);
    MPI_Comm_size(near, &neighbours_);
    MPI_Comm_rank(near, &place_);
    const auto mine = static_cast<int64_t>(::getpid());
    near_.resize(neighbours_);
    MPI_Allgather(&mine, 1, MPI_INT64_T, near_.data(), 1, MPI_INT64_T, near);
    MPI_Comm_free(&near);
  }
  ~MpiRanks() override { MPI_Comm_free(&all_); }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int neighbours() const override { return neighbours_; }
  Traffic traffic() const override { return traffic_; }

  std::vector<Bytes> gather(std::span<const std::byte> piece) override {
    const Clocked clocked(traffic_);
    const std::vector<int64_t> sizes = sizes_of(piece);
    std::vector<Bytes> pieces(size_);
    int64_t sum = 0;
    for (int r = 0; r < size_; ++r) sum += sizes[r];
    traffic_.bytes += sum;
    if (sum < kLargest) {
      Bytes whole(sum);
      std::vector<int> counts(sizes.begin(), sizes.end()), places(size_, 0);
      for (int r = 1; r < size_; ++r) places[r] = places[r - 1] + counts[r - 1];
      MPI_Request request;
      MPI_Iallgatherv(piece.data(), counts[rank_], MPI_BYTE, whole.data(), counts.data(), places.data(), MPI_BYTE, all_,
                      &request);
      move(request);
      for (int r = 0; r < size_; ++r)
        pieces[r].assign(whole.begin() + places[r], whole.begin() + places[r] + counts[r]);
      return pieces;
    }
    for (int r = 0; r < size_; ++r) {
      if (r == rank_)
        pieces[r].assign(piece.begin(), piece.end());
      else
        pieces[r].resize(sizes[r]);
      in_messages(sizes[r], [&](int64_t at, int count) {
        MPI_Request request;
        MPI_Ibcast(pieces[r].data() + at, count, MPI_BYTE, r, all_, &request);
        move(request);
      });
    }
    return pieces;
  }

  void collect(std::span<const std::byte> piece, const std::function<void(std::span<const std::byte>)>& take) override {
    const Clocked clocked(traffic_);
    const std::vector<int64_t> sizes = sizes_of(piece);
    for (int r = 0; r < size_; ++r) traffic_.bytes += r == rank_ || rank_ == 0 ? sizes[r] : 0;
    if (rank_ > 0) {
      in_messages(sizes[rank_], [&](int64_t at, int count) {
        MPI_Request request;
        MPI_Isend(piece.data() + at, count, MPI_BYTE, 0, 0, all_, &request);
        move(request);
      });
      return;
    }
    std::exception_ptr failure;
    const auto hand = [&](std::span<const std::byte> one) {
      if (failure) return;
      try {
        take(one);
      } catch (...) {
        failure = std::current_exception();
      }
    };
    hand(piece);
    Bytes other;
    for (int r = 1; r < size_; ++r) {
      other.resize(sizes[r]);
      in_messages(sizes[r], [&](int64_t at, int count) {
        MPI_Request request;
        MPI_Irecv(other.data() + at, count, MPI_BYTE, r, 0, all_, &request);
        move(request);
      });
      hand(other);
    }
    if (failure) std::rethrow_exception(failure);
  }

  void add(std::span<int64_t> values, bool prompt) override {
    const std::vector<int64_t> mine(values.begin(), values.end());
    ++traffic_.calls;
    MPI_Request request;
    MPI_Iallreduce(mine.data(), values.data(), static_cast<int>(values.size()), MPI_INT64_T, MPI_SUM, all_, &request);
    wait(request, prompt);
  }

 private:
  struct Clocked {
    explicit Clocked(Traffic& traffic) : traffic(traffic) {}
    ~Clocked() {
      ++traffic.calls;
      traffic.waited_s += duration<double>(Clock::now() - start).count();
    }
    Traffic& traffic;
    const Clock::time_point start = Clock::now();
  };

  std::vector<int64_t> sizes_of(std::span<const std::byte> piece) {
    const auto mine = static_cast<int64_t>(piece.size());
    std::vector<int64_t> sizes(size_);
    MPI_Request request;
    MPI_Iallgather(&mine, 1, MPI_INT64_T, sizes.data(), 1, MPI_INT64_T, all_, &request);
    wait(request);
    return sizes;
  }

  static void in_messages(int64_t size, const std::function<void(int64_t at, int count)>& message) {
    for (int64_t at = 0; at < size; at += kLargest) message(at, static_cast<int>(std::min(kLargest, size - at)));
  }

  // After sizes_of(), in which all ranks have met.
  static void move(MPI_Request& request) {
    wait_for(
        request, [] { return true; }, true);
  }

  // The first living rank of this computer says that another one has died.
  void mourn(const std::string& sentence) const {
    const bool first = std::all_of(near_.begin(), near_.begin() + place_, is_dead);
    program_.lost(first ? sentence : "");
  }
  static bool is_dead(int64_t process) { return ::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH; }

  void wait(MPI_Request& request, bool prompt = false) {
    const std::string rest =
        ", so the job ends here; the checkpoint, where it writes one, keeps what was done until then";
    Clock::time_point told{}, looked = Clock::now();
    wait_for(request, [&] {
      const auto now = Clock::now();
      if (now - looked > kBetweenLooks) {
        looked = now;
        if (std::ranges::any_of(near_, is_dead)) mourn("another process of this job was killed" + rest);
      }
      if (!prompt || !program_.stopping()) return true;
      if (told == Clock::time_point{}) told = now;
      if (now - told > kPatience) mourn("a process of this job on another computer does not answer" + rest);
      return true;
    });
  }

  const Program program_;
  MPI_Comm all_;
  int rank_ = 0, size_ = 1, neighbours_ = 1;
  int place_ = 0;              // among the neighbours
  std::vector<int64_t> near_;  // their processes
  Traffic traffic_;
};

class MpiJob : public Job {
 public:
  explicit MpiJob(const Program& program) {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
    MPI_Comm_dup(MPI_COMM_WORLD, &leaving_);
    ranks_ = std::make_unique<MpiRanks>(program);
  }
  // Not finalised where this rank leaves on its own: that would wait for the others.
  ~MpiJob() override {
    if (!left_) return;
    ranks_.reset();
    MPI_Comm_free(&leaving_);
    MPI_Finalize();
  }

  Ranks& ranks() override { return *ranks_; }

  bool leave(bool failed) override {
    MPI_Request request;
    MPI_Ibarrier(leaving_, &request);
    const auto start = Clock::now();
    left_ = wait_for(request, [&] { return !failed || Clock::now() - start < kGrace; });
    return left_;
  }

  void abort(int exit_code) override { MPI_Abort(MPI_COMM_WORLD, exit_code); }

 private:
  MPI_Comm leaving_;
  std::unique_ptr<MpiRanks> ranks_;
  bool left_ = false;
};

}  // namespace

std::unique_ptr<Job> join(const Program& program) {
  if (std::ranges::none_of(kLaunched, [&](const char* name) { return program.variable(name) != nullptr; }))
    return nullptr;
  return std::make_unique<MpiJob>(program);
}

bool is_built() { return true; }

}  // namespace swell::mpi
