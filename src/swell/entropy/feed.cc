#include "swell/entropy/feed.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>

#include "swell/base/errors.h"
#include "swell/entropy/byte_sources.h"
#include "swell/entropy/symbols.h"

namespace swell::entropy {

namespace {

constexpr size_t kPiece = 1 << 16;    // raw bytes read at once
constexpr size_t kPieces = 4;         // of them in a buffer that is summed at once
constexpr uint64_t kAhead = 1 << 16;  // served bytes made before somebody asks for them
constexpr size_t kSummedAtOnce = 1 << 26;
constexpr auto kLook = std::chrono::milliseconds(50);

std::string now_text() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

void check(const FeedOptions& options) {
  const HealthTests refuses_wrong_settings(options.health);
  if (!options.symbol_per_byte && 8 % options.health.bits_per_symbol != 0) {
    throw InputError(
        fmt::format("symbols of {} bits do not fill a byte; those of 1, 2, 4 and 8 do, others come one in a byte",
                    options.health.bits_per_symbol));
  }
}

bool wants_conditioning(const FeedOptions& options) {
  if (options.conditioning != Conditioning::automatic) return options.conditioning == Conditioning::sha256;
  return !is_full(options.health, options.symbol_per_byte);
}

}  // namespace

// A file that grows at its end while others read what is there, where it stays. Parts of a file that is there already
// are read the same way.
class Feed::Spool {
 public:
  // A new file; with an empty path one without a name.
  explicit Spool(const std::filesystem::path& path, uint64_t header) : header_(header) {
    if (path.empty()) {
      std::string name = (std::filesystem::temp_directory_path() / "swell-XXXXXX").string();
      file_ = mkostemp(name.data(), O_CLOEXEC);
      if (file_ >= 0) unlink(name.c_str());
      name_ = "a file in " + std::filesystem::temp_directory_path().string();
    } else {
      name_ = path.string();
      file_ = open(name_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    }
    if (file_ < 0) throw IoError(fmt::format("cannot write {}: {}", name_, std::strerror(errno)));
  }
  struct Existing {};
  Spool(const std::filesystem::path& path, uint64_t header, Existing) : header_(header), name_(path.string()) {
    file_ = open(name_.c_str(), O_RDONLY | O_CLOEXEC);
    if (file_ < 0) throw IoError(fmt::format("cannot read {}: {}", name_, std::strerror(errno)));
  }
  ~Spool() {
    for (const auto& [begin, size] : mapped_) munmap(begin, size);
    close(file_);
  }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  void append(std::span<const std::byte> bytes) {
    write_at(bytes, header_ + size_);
    size_ += bytes.size();
  }
  void write_header(std::string_view text) { write_at(std::as_bytes(std::span(text.data(), text.size())), 0); }
  // Where these bytes stand in memory, also such as are not written yet.
  const std::byte* map(uint64_t first, uint64_t count) {
    const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    const uint64_t from = (header_ + first) / page * page, length = header_ + first + count - from;
    void* begin = mmap(nullptr, length, PROT_READ, MAP_SHARED, file_, static_cast<off_t>(from));
    if (begin == MAP_FAILED) throw IoError(fmt::format("cannot read {} in place: {}", name_, std::strerror(errno)));
    madvise(begin, length, MADV_SEQUENTIAL);
    mapped_.emplace_back(begin, length);
    return static_cast<const std::byte*>(begin) + (header_ + first - from);
  }
  void sync() const { fsync(file_); }

 private:
  void write_at(std::span<const std::byte> bytes, uint64_t place) {
    while (!bytes.empty()) {
      const ssize_t count = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(place));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) throw IoError(fmt::format("cannot write {}: {}", name_, std::strerror(errno)));
      bytes = bytes.subspan(static_cast<size_t>(count));
      place += static_cast<uint64_t>(count);
    }
  }

  int file_ = -1;
  uint64_t header_, size_ = 0;
  std::string name_;
  std::vector<std::pair<void*, size_t>> mapped_;
};

Conditioning conditioning_named(std::string_view name) {
  if (name == "none") return Conditioning::none;
  return name == "sha256" ? Conditioning::sha256 : Conditioning::automatic;
}

Feed::Feed(std::unique_ptr<Source> source, FeedOptions options)
    : source_(std::make_unique<ReadAhead>(std::move(source))),
      options_(std::move(options)),
      name_(source_->name()),
      tests_(options_.health) {
  check(options_);
  recorded_ = now_text();
  identity_ = fmt::format("{}, recorded {}", name_, recorded_);
  if (!options_.tape.empty()) {
    // What would end here must not have emptied a file that is there.
    const std::string header = tape_header(info());
    std::error_code error;
    if (std::filesystem::equivalent(options_.tape, name_, error))
      throw InputError(fmt::format("{} is the source; the tape needs a file of its own", options_.tape.string()));
    tape_out_ = std::make_unique<Spool>(options_.tape, kTapeHeader);
    tape_out_->write_header(header);
  }
  start();
}

Feed::Feed(const std::filesystem::path& tape, Conditioning conditioning)
    : name_("tape " + tape.string()), replayed_(true), tape_info_(read_tape_info(tape)), tests_(tape_info_.health) {
  options_.health = tape_info_.health;
  options_.symbol_per_byte = tape_info_.symbol_per_byte;
  options_.device = tape_info_.device;
  options_.conditioning = conditioning;
  check(options_);
  recorded_ = tape_info_.recorded;
  tape_in_ = std::make_unique<Spool>(tape, kTapeHeader, Spool::Existing{});
  if (tape_info_.bytes > 0) replay_ = {tape_in_->map(0, tape_info_.bytes), tape_info_.bytes};
  whole_tape_ = replay_;
  identity_ = fmt::format("{}, recorded {}", tape_info_.source, recorded_);
  start();
}

Feed::~Feed() {
  try {
    finish();
  } catch (const std::exception&) {  // the tape keeps the header that says that it was cut off
  }
}

void Feed::start() {
  conditioned_ = wants_conditioning(options_);
  identity_ += conditioned_ ? ", conditioned" : "";
  if (conditioned_) conditioner_.emplace(min_entropy_per_byte(options_.health, options_.symbol_per_byte));
  spooled_ = conditioned_ || options_.symbol_per_byte || (!replayed_ && !tape_out_);
  if (spooled_) served_ = std::make_unique<Spool>("", 0);
}

bool Feed::is_biased() const { return !conditioned_ && !is_full(options_.health, options_.symbol_per_byte); }

uint64_t Feed::raw_bytes_for(uint64_t served) const {
  if (conditioned_) {
    const uint64_t outputs = (served + kConditionedBytes - 1) / kConditionedBytes;
    return outputs * static_cast<uint64_t>(conditioner_->block());
  }
  if (!options_.symbol_per_byte) return served;
  const auto bits = static_cast<uint64_t>(options_.health.bits_per_symbol);
  return (8 * served + bits - 1) / bits;
}

uint64_t Feed::samples_of(uint64_t raw_bytes) const {
  return options_.symbol_per_byte ? raw_bytes
                                  : raw_bytes * (8 / static_cast<uint64_t>(options_.health.bits_per_symbol));
}
uint64_t Feed::bytes_of(uint64_t samples) const {
  return options_.symbol_per_byte ? samples : samples / (8 / static_cast<uint64_t>(options_.health.bits_per_symbol));
}

TapeInfo Feed::info() const {
  TapeInfo result;
  result.source = name_;
  result.device = options_.device;
  result.recorded = recorded_;
  result.health = options_.health;
  result.symbol_per_byte = options_.symbol_per_byte;
  result.bytes = status_.raw_bytes;
  result.sha256 = status_.sha256;
  result.failure = status_.failure;
  return result;
}

FeedStatus Feed::status() const {
  const std::lock_guard lock(mutex_);
  FeedStatus status = status_;
  status.served_bytes = served_bytes_;
  const double passed = std::chrono::duration<double>(last_came_ - first_came_).count();
  if (passed > 0) status.rate = static_cast<double>(status.raw_bytes - first_bytes_) / passed;
  return status;
}

std::string Feed::identity() const { return identity_; }

const std::byte* Feed::bytes(uint64_t first, uint64_t count) {
  const std::lock_guard lock(mutex_);
  return (served_ ? *served_ : replayed_ ? *tape_in_ : *tape_out_).map(first, count);  // a tape of plain bytes itself
}

bool Feed::wait_for(uint64_t end, std::chrono::milliseconds patience) {
  if (end <= served_bytes_.load(std::memory_order_acquire)) return true;
  std::unique_lock lock(mutex_);
  if (!reader_.joinable() && !over_) reader_ = std::thread([this] { read_on(); });
  wanted_ = std::max(wanted_, end);
  wanted_more_.notify_all();
  came_.wait_for(lock, patience, [&] { return end <= served_bytes_ || over_; });
  return end <= served_bytes_;
}

bool Feed::is_lost(uint64_t end) const {
  const std::lock_guard lock(mutex_);
  return over_ && end > served_bytes_;
}

void Feed::require(uint64_t end, const std::string& what) {
  const uint64_t raw = raw_bytes_for(end);
  if (replayed_ && raw > tape_info_.bytes) {
    throw InputError(fmt::format("{} takes {} bytes of the source in all, and {} has {}: {:.3g} % of them", what, raw,
                                 name_, tape_info_.bytes,
                                 100.0 * static_cast<double>(tape_info_.bytes) / static_cast<double>(raw)));
  }
  if (options_.most_wait_s > 0 && !replayed_)  // so that the rate is known
    wait_for(std::min(end, served_bytes_ + kAhead), std::chrono::seconds(1));
  const FeedStatus now = status();
  if (on_request) on_request(raw, what, replayed_ ? 0 : now.rate);
  if (replayed_ || options_.most_wait_s <= 0 || now.rate <= 0) return;
  const double wait_s = (static_cast<double>(raw) - static_cast<double>(now.raw_bytes)) / now.rate;
  if (wait_s > options_.most_wait_s) {
    throw InputError(
        fmt::format("{} takes {:.3g} MB of the source, which gives {:.3g} Mbit/s: {:.3g} s, and {:g} s are allowed",
                    what, static_cast<double>(raw) / 1e6, 8e-6 * now.rate, wait_s, options_.most_wait_s));
  }
}

uint64_t Feed::take_seed(const std::function<bool(const FeedStatus&)>& go_on) {
  uint64_t seed = 0;
  const uint64_t place = claim(sizeof seed), end = place + sizeof seed;
  require(end, "the seed");
  while (!wait_for(end, 2 * kLook)) {
    if (is_lost(end)) {
      const FeedStatus now = status();
      if (!now.failure.empty()) throw IoError(now.failure);
      throw IoError(fmt::format("{} ended after {} bytes; its start-up test takes {} samples", name_, now.raw_bytes,
                                kStartUpSamples));
    }
    if (go_on && !go_on(status())) throw Interrupted("interrupted while waiting for the first random bits");
  }
  std::memcpy(&seed, bytes(place, sizeof seed), sizeof seed);
  return seed;
}

std::string Feed::trouble() const {
  const FeedStatus now = status();
  if (!now.failure.empty() || !now.ended || claimed() <= now.served_bytes) return now.failure;
  return fmt::format("{} ended after {} bytes, and the work takes {}", name_, now.raw_bytes, raw_bytes_for(claimed()));
}

bool Feed::record(uint64_t raw_bytes, const std::function<bool(const FeedStatus&)>& go_on) {
  {
    const std::lock_guard lock(mutex_);
    wanted_raw_ = raw_bytes;
    serves_ = false;
    if (!reader_.joinable()) reader_ = std::thread([this] { read_on(); });
    wanted_more_.notify_all();
  }
  while (true) {
    {
      std::unique_lock lock(mutex_);
      came_.wait_for(lock, 2 * kLook, [&] { return status_.raw_bytes >= raw_bytes || over_; });
      if (status_.raw_bytes >= raw_bytes) return status_.failure.empty();
      if (over_) return false;
    }
    if (go_on && !go_on(status())) return false;
  }
}

void Feed::finish() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wanted_more_.notify_all();
  }
  if (source_) source_->stop();
  if (reader_.joinable()) reader_.join();
  const std::lock_guard lock(mutex_);
  over_ = true;
  if (!status_.sha256.empty()) return;
  if (filled_ > 0) sum_.add_buffer(piece_, filled_);
  filled_ = 0;
  status_.sha256 = hex(sum_.digest());
  if (status_.failure.empty() && !has_its_sum())
    status_.failure = fmt::format("{}: damaged tape: its bytes have not the SHA-256 of its header", name_);
  if (!tape_out_) return;
  tape_out_->write_header(tape_header(info()));
  tape_out_->sync();
}

// Whether a tape has the bytes that were recorded, as far as is known. One that was not read to its end is summed once
// more, where that takes a moment at most.
bool Feed::has_its_sum() const {
  if (!replayed_ || tape_info_.sha256.empty()) return true;
  if (status_.raw_bytes == tape_info_.bytes) return status_.sha256 == tape_info_.sha256;
  if (whole_tape_.size() > kSummedAtOnce) return true;
  Sha256 sum;
  sum.update(whole_tape_);
  return hex(sum.digest()) == tape_info_.sha256;
}

void Feed::fail(std::string why) {
  const std::lock_guard lock(mutex_);
  status_.failure = std::move(why);
  over_ = true;
  came_.notify_all();
}

// Only as far as somebody needs, and a little ahead.
void Feed::read_on() {
  const auto enough = [&] {
    return status_.raw_bytes >= wanted_raw_ &&
           status_.raw_bytes >= raw_bytes_for(wanted_ + (wanted_ > 0 ? kAhead : 0)) && served_bytes_ >= wanted_;
  };
  try {
    while (true) {
      uint64_t most = kPiece;
      {
        std::unique_lock lock(mutex_);
        wanted_more_.wait(lock, [&] { return stop_ || !enough(); });
        if (stop_) return;
        if (wanted_raw_ > status_.raw_bytes && wanted_ == 0) most = std::min(most, wanted_raw_ - status_.raw_bytes);
        if (source_) {
          const uint64_t needed = std::max(wanted_raw_, wanted_ > 0 ? raw_bytes_for(wanted_ + kAhead) : 0);
          source_->allow(status_.raw_bytes < needed ? needed : status_.raw_bytes + most);
        }
      }
      const std::span<const std::byte> raw = next_piece(most);
      if (!raw.empty()) {
        take(raw);
        if (!status_.failure.empty()) return;
      } else if (no_more()) {
        // The last window is not complete, and has not failed.
        if (tests_.start_up_passed()) release(static_cast<uint64_t>(tests_.state().samples), {});
        const std::lock_guard lock(mutex_);
        status_.ended = over_ = true;
        came_.notify_all();
        return;
      }
    }
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

// Waits a moment for the next bytes; of a tape they are taken where they are.
std::span<const std::byte> Feed::next_piece(uint64_t most) {
  std::span<const std::byte> raw;
  if (replayed_) {
    raw = replay_.first(std::min<uint64_t>(most, replay_.size()));
    replay_ = replay_.subspan(raw.size());
    if (!raw.empty()) sum_.add(raw);
  } else {
    if (filled_ + kPiece > piece_.size()) {
      if (filled_ > 0) sum_.add_buffer(piece_, filled_);
      piece_.resize(kPieces * kPiece);
      filled_ = 0;
    }
    const std::span<std::byte> room = std::span(piece_).subspan(filled_, most);
    raw = room.first(static_cast<size_t>(source_->read(room, kLook)));
    filled_ += raw.size();
  }
  if (raw.empty()) return raw;
  const std::lock_guard lock(mutex_);
  last_came_ = std::chrono::steady_clock::now();
  if (status_.raw_bytes == 0) {
    first_came_ = last_came_;
    first_bytes_ = raw.size();
  }
  return raw;
}

bool Feed::no_more() const { return replayed_ ? replay_.empty() : source_->ended(); }

std::optional<HealthFailure> Feed::tested(std::span<const uint8_t> symbols) {
  try {
    return tests_.take(symbols);
  } catch (const InputError& error) {  // a symbol of more bits than were said
    throw IoError(fmt::format("{}: {}", name_, error.what()));
  }
}

void Feed::take(std::span<const std::byte> raw) {
  if (tape_out_) tape_out_->append(raw);
  std::span<const uint8_t> symbols(reinterpret_cast<const uint8_t*>(raw.data()), raw.size());
  if (!options_.symbol_per_byte && options_.health.bits_per_symbol < 8) {
    symbols_.clear();
    unpack(raw, options_.health.bits_per_symbol, false, symbols_);
    symbols = symbols_;
  }
  const std::optional<HealthFailure> failure = tested(symbols);
  const auto window = static_cast<uint64_t>(tests_.window());
  const auto seen = static_cast<uint64_t>(tests_.state().samples);
  uint64_t sound = 0;
  if (failure) {
    sound = std::min<uint64_t>(failure->start, static_cast<uint64_t>(failure->position) / window * window);
    if (failure->start_up) sound = 0;
  } else if (tests_.start_up_passed()) {
    const auto cutoff = static_cast<uint64_t>(tests_.repetition_cutoff());
    sound = std::min(seen / window * window, seen - std::min(seen, cutoff - 1));
  }
  {
    const std::lock_guard lock(mutex_);
    status_.raw_bytes += raw.size();
    status_.health = tests_.state();
  }
  release(sound, raw);
  if (failure) return fail(fmt::format("{}: {}", name_, failure->sentence()));
  const std::lock_guard lock(mutex_);
  came_.notify_all();
}

// Serves what the samples before this one hold; `raw` has come just now.
void Feed::release(uint64_t samples, std::span<const std::byte> raw) {
  if (!serves_) return;
  if (samples > released_samples_) {
    released_samples_ = samples;
    const uint64_t bytes = bytes_of(samples), more = bytes - released_bytes_;
    released_bytes_ = bytes;
    if (spooled_) {
      const uint64_t before = std::min<uint64_t>(more, held_.size());
      serve(std::span(held_).first(before));
      held_.erase(held_.begin(), held_.begin() + static_cast<int64_t>(before));
      serve(raw.first(more - before));
      raw = raw.subspan(more - before);
    }
    const std::lock_guard lock(mutex_);
    served_bytes_.store(spooled_ ? made_bytes_ : bytes, std::memory_order_release);
    came_.notify_all();
  }
  if (spooled_) held_.insert(held_.end(), raw.begin(), raw.end());
}

void Feed::serve(std::span<const std::byte> raw) {
  if (raw.empty()) return;
  if (conditioned_ || options_.symbol_per_byte) {
    made_.clear();
    conditioned_ ? conditioner_->take(raw, made_) : pack(raw, made_);
    raw = made_;
  }
  served_->append(raw);
  made_bytes_ += raw.size();
}

// Symbols one in a byte become bits one after another, the highest first.
void Feed::pack(std::span<const std::byte> raw, std::vector<std::byte>& out) {
  const int bits = options_.health.bits_per_symbol;
  for (const std::byte symbol : raw) {
    for (int bit = bits - 1; bit >= 0; --bit) {
      packing_ = packing_ << 1 | (std::to_integer<uint32_t>(symbol) >> bit & 1u);
      if (++packed_ < 8) continue;
      out.push_back(static_cast<std::byte>(packing_));
      packing_ = 0;
      packed_ = 0;
    }
  }
}

}  // namespace swell::entropy
