#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "swell/entropy/background_sum.h"
#include "swell/entropy/conditioner.h"
#include "swell/entropy/health.h"
#include "swell/entropy/read_ahead.h"
#include "swell/entropy/source.h"
#include "swell/entropy/tape_file.h"
#include "swell/random/entropy.h"

namespace swell::entropy {

enum class Conditioning {
  automatic,  // none where the source claims eight bits a byte, else sha256
  none,
  sha256,
};

// "auto", "none", "sha256".
Conditioning conditioning_named(std::string_view name);

struct FeedOptions {
  // The claims about the source. A run can take 1e9 samples and more: at 2^-20, the upper end of what SP 800-90B
  // recommends, sound sources would fail every few megabytes.
  HealthSettings health{8, 8, 0x1p-40};
  bool symbol_per_byte = false;
  Conditioning conditioning = Conditioning::automatic;
  std::string device;          // for the tape's header
  std::filesystem::path tape;  // where a live source is recorded; empty for not at all
  double most_wait_s = 0;      // a run that would wait longer is refused; 0 for as long as it takes
};

// What has become of a source so far.
struct FeedStatus {
  uint64_t raw_bytes = 0;     // that came
  uint64_t served_bytes = 0;  // that runs can have: tested, packed and conditioned
  double rate = 0;            // raw bytes a second while it was read
  HealthState health;
  std::string failure;  // why nothing more comes: a health test or an error of the source; empty where none
  bool ended = false;   // the source has given all that it has
  std::string sha256;   // of the raw bytes, at the end
};

// A source as runs draw on it: read by a thread of its own; by another one recorded, tested without a break, packed,
// conditioned.
// Bytes are served when the window of the adaptive proportion test that they lie in is complete and no run of equal
// symbols that reaches them can fail any more, so that where a test fails, no byte of what it failed on has been used.
class Feed : public Entropy {
 public:
  // From a live source. Throws InputError where options do not fit, IoError where the tape cannot be written.
  Feed(std::unique_ptr<Source> source, FeedOptions options);
  // From a tape, with the claims in its header. Throws IoError where it is none.
  Feed(const std::filesystem::path& tape, Conditioning conditioning);
  ~Feed() override;

  bool wait_for(uint64_t end, std::chrono::milliseconds patience) override;
  bool is_lost(uint64_t end) const override;
  const std::byte* bytes(uint64_t first, uint64_t count) override;
  void require(uint64_t end, const std::string& what) override;
  std::string identity() const override;

  // The first eight bytes that nobody has, once the start-up test has passed. Asks now and then whether to go on.
  // Throws IoError where the source ends or fails before, Interrupted where the answer is no.
  uint64_t take_seed(const std::function<bool(const FeedStatus&)>& go_on);
  // Why a run that drew on it did not get all its bytes, or a sentence about what is wrong with them; empty where all
  // is well.
  std::string trouble() const;

  // Told of what a run needs before it starts: raw bytes, of what, and the rate so far (bytes/s, 0 for unknown).
  std::function<void(uint64_t raw_bytes, const std::string& what, double rate)> on_request;

  // Reads so many raw bytes and serves none: recording. False where the source ended or failed before, or was stopped.
  bool record(uint64_t raw_bytes, const std::function<bool(const FeedStatus&)>& go_on);
  // Stops reading and completes the tape. Further calls do nothing.
  void finish();

  FeedStatus status() const;
  const FeedOptions& options() const { return options_; }
  const std::string& name() const { return name_; }
  bool is_tape() const { return replayed_; }
  bool is_conditioned() const { return conditioned_; }
  // Raw bytes that claim less than eight bits each and are served as they are.
  bool is_biased() const;
  uint64_t raw_bytes_for(uint64_t served) const;  // that so many served ones take

 private:
  class Spool;
  void start();
  void read_on();
  std::span<const std::byte> next_piece(uint64_t most);
  bool no_more() const;
  void take(std::span<const std::byte> raw);
  void release(uint64_t samples, std::span<const std::byte> raw);
  void serve(std::span<const std::byte> raw);
  void pack(std::span<const std::byte> raw, std::vector<std::byte>& out);
  void fail(std::string why);
  bool has_its_sum() const;
  std::optional<HealthFailure> tested(std::span<const uint8_t> symbols);
  uint64_t samples_of(uint64_t raw_bytes) const;
  uint64_t bytes_of(uint64_t samples) const;
  TapeInfo info() const;

  std::unique_ptr<ReadAhead> source_;
  FeedOptions options_;
  std::string name_, identity_;
  bool replayed_ = false, conditioned_ = false;
  bool spooled_ = false;  // what is served is a file of its own, not the tape
  TapeInfo tape_info_;    // of the tape that is replayed
  std::string recorded_;

  std::unique_ptr<Spool> tape_in_, tape_out_, served_;  // the tape that is replayed; that is recorded; what is served
  std::span<const std::byte> replay_, whole_tape_;      // what is left of the first; all of it

  // Of the thread that tests and keeps.
  HealthTests tests_;
  std::optional<Conditioner> conditioner_;
  BackgroundSum sum_;
  std::vector<std::byte> piece_;  // where a live source writes, filled from its beginning
  size_t filled_ = 0;
  std::vector<std::byte> held_;   // raw bytes that came before and are not released yet
  std::vector<std::byte> made_;   // room for what is made of some
  std::vector<uint8_t> symbols_;  // room for those of a piece
  uint64_t released_samples_ = 0, released_bytes_ = 0, made_bytes_ = 0;
  uint32_t packing_ = 0;  // bits that do not fill a byte yet
  int packed_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable came_, wanted_more_;
  FeedStatus status_;
  std::atomic<uint64_t> served_bytes_ = 0;
  uint64_t wanted_ = 0;      // served bytes that somebody waits for or will need
  uint64_t wanted_raw_ = 0;  // of record()
  bool serves_ = true;       // record() does not
  bool stop_ = false, over_ = false;
  // Of the rate: when bytes came first and last, and how many came first, however long they had waited for us.
  std::chrono::steady_clock::time_point first_came_, last_came_;
  uint64_t first_bytes_ = 0;
  std::thread reader_;
};

}  // namespace swell::entropy
