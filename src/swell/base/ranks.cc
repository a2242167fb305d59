#include "swell/base/ranks.h"

#include <algorithm>
#include <exception>
#include <new>
#include <string>

#include "swell/base/errors.h"
#include "swell/base/parcel.h"

namespace swell {

namespace {

// Errors that are told apart behind the door of run(), as they travel.
enum class Kind : int { none, input, file, diverged, tolerance, interrupted, memory, other };

Parcel packed(const std::exception_ptr& failure) {
  Parcel parcel;
  const auto put = [&](Kind kind, const char* what) {
    parcel.put(kind);
    parcel.put_text(what);
  };
  if (!failure) {
    put(Kind::none, "");
    return parcel;
  }
  try {
    std::rethrow_exception(failure);
  } catch (const Diverged& error) {
    put(Kind::diverged, error.what());
    parcel.put(error.trajectory);
    parcel.put(error.step);
    parcel.put(error.unit);
    parcel.put(error.dt);
  } catch (const InputError& error) {
    put(Kind::input, error.what());
  } catch (const IoError& error) {
    put(Kind::file, error.what());
  } catch (const ToleranceMissed& error) {
    put(Kind::tolerance, error.what());
  } catch (const Interrupted& error) {
    put(Kind::interrupted, error.what());
  } catch (const std::bad_alloc& error) {
    put(Kind::memory, error.what());
  } catch (const std::exception& error) {
    put(Kind::other, error.what());
  }
  return parcel;
}

void throw_packed(Parcel parcel) {
  const Kind kind = parcel.take<Kind>();
  const std::string what = parcel.take_text();
  if (kind == Kind::none) return;
  if (kind == Kind::input) throw InputError(what);
  if (kind == Kind::file) throw IoError(what);
  if (kind == Kind::tolerance) throw ToleranceMissed(what);
  if (kind == Kind::interrupted) throw Interrupted(what);
  if (kind == Kind::memory) throw std::bad_alloc();
  if (kind == Kind::other) throw std::runtime_error(what);
  const auto trajectory = parcel.take<int64_t>(), step = parcel.take<int64_t>(), unit = parcel.take<int64_t>();
  throw Diverged(trajectory, step, unit, parcel.take<double>());
}

}  // namespace

Portion portion(int64_t count, int64_t grain, int rank, int size) {
  const int64_t grains = (count + grain - 1) / grain, each = grains / size, more = grains % size;
  const int64_t first = rank * each + std::min<int64_t>(rank, more), last = first + each + (rank < more);
  return {std::min(count, first * grain), std::min(count, last * grain) - std::min(count, first * grain)};
}

int64_t grain_of_trajectories(int64_t count, int size) {
  constexpr int64_t kLaneBlock = 16, kBlocksOfEach = 4;
  return count >= kLaneBlock * kBlocksOfEach * size ? kLaneBlock : 1;
}

bool all_agree(Ranks* ranks, bool here) {
  if (!ranks) return here;
  int64_t disagree = here ? 0 : 1;
  ranks->add({&disagree, 1});
  return disagree == 0;
}

bool is_interruption(const std::exception_ptr& failure) {
  if (!failure) return false;
  try {
    std::rethrow_exception(failure);
  } catch (const Interrupted&) {
    return true;
  } catch (...) {
    return false;
  }
}

void do_together(Ranks& ranks, const std::function<void()>& work) {
  std::exception_ptr failure;
  try {
    work();
  } catch (...) {
    failure = std::current_exception();
  }
  if (all_agree(&ranks, !failure)) return;
  for (Ranks::Bytes& bytes : ranks.gather(packed(failure).bytes())) throw_packed(Parcel(std::move(bytes)));
}

}  // namespace swell
