// swell entropy: sources of random bits recorded on tapes, and assessed.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "swell/base/disk.h"
#include "swell/base/errors.h"
#include "swell/base/memory.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/group.h"
#include "swell/cmd/outputs.h"
#include "swell/cmd/progress.h"
#include "swell/entropy/assess.h"
#include "swell/entropy/byte_sources.h"
#include "swell/entropy/iid.h"
#include "swell/entropy/open_feed.h"
#include "swell/io/checksum.h"
#include "swell/ledger/to_json.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell::cmd {

namespace {

using Json = nlohmann::ordered_json;

// Text of a tape, of which nothing is known, for a terminal.
std::string in_one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

// What is claimed of a source, over what its description says.
struct ClaimFlags {
  int bits = 0;
  bool one_per_byte = false;
  double min_entropy = 0, alpha = 0;
};

void add_claim_flags(CLI::App& app, ClaimFlags& flags) {
  app.add_option("--symbol-bits", flags.bits,
                 "bits of a symbol, 1 to 8; without it those of a description or a tape, else 8")
      ->check(CLI::Range(1, 8));
  app.add_flag("--symbol-per-byte", flags.one_per_byte,
               "each byte holds one symbol in its low bits; without it symbols of 1, 2, 4 or 8 bits are packed, the "
               "highest bits first");
  app.add_option(
         "--min-entropy", flags.min_entropy,
         "claimed for each symbol, bits: sets the cutoffs of the health tests; without it that of a description or "
         "a tape, else all bits of the symbol")
      ->check(CLI::Range(1e-6, 8.0));
  app.add_option("--alpha", flags.alpha, "chance of a false alarm of each health test; without it 2^-40")
      ->check(CLI::Range(1e-30, 0.5));
}

void apply(const ClaimFlags& flags, entropy::FeedOptions& options) {
  if (flags.bits > 0) {
    options.health.bits_per_symbol = flags.bits;
    options.health.min_entropy = flags.bits;
  }
  options.symbol_per_byte = options.symbol_per_byte || flags.one_per_byte;
  if (flags.min_entropy > 0) options.health.min_entropy = flags.min_entropy;
  if (flags.alpha > 0) options.health.alpha = flags.alpha;
  if (options.health.min_entropy > options.health.bits_per_symbol) {
    throw InputError(fmt::format("a min-entropy of {:g} bits is not allowed for symbols of {} bits",
                                 options.health.min_entropy, options.health.bits_per_symbol));
  }
}

Json claims(const entropy::FeedOptions& options) {
  const entropy::HealthTests tests(options.health);
  return {{"bits_per_symbol", options.health.bits_per_symbol}, {"symbol_per_byte", options.symbol_per_byte},
          {"min_entropy", options.health.min_entropy},         {"alpha", options.health.alpha},
          {"repetition_cutoff", tests.repetition_cutoff()},    {"proportion_cutoff", tests.proportion_cutoff()}};
}

// ---- record ----

struct RecordFlags {
  std::string source, tape, device;
  int64_t bytes = 1000000;
  ClaimFlags claim;
};

Result record(const RecordFlags& flags, const Common& common) {
  entropy::Description description = entropy::describe_source(flags.source);
  if (flags.source.starts_with("tape:")) throw InputError("a tape is recorded already; name a live source");
  apply(flags.claim, description.feed);
  if (!flags.device.empty()) description.feed.device = flags.device;
  require_writable_file(flags.tape);
  const std::vector<PlannedFile> planned{
      {flags.tape, static_cast<double>(flags.bytes) + static_cast<double>(entropy::kTapeHeader), "-n"}};
  check_disk(planned);
  description.feed.tape = flags.tape;
  const std::unique_ptr<entropy::Feed> feed = entropy::open_feed(description);
  ProgressLine progress("bytes");
  const bool whole = feed->record(static_cast<uint64_t>(flags.bytes), [&](const entropy::FeedStatus& status) {
    return progress.show("recording", static_cast<double>(status.raw_bytes), static_cast<double>(flags.bytes),
                         fmt::format("{:.3g} Mbit/s", 8e-6 * status.rate));
  });
  feed->finish();
  clear_progress();
  const entropy::FeedStatus status = feed->status();
  Result result;
  result.inputs = {{"source", feed->name()}, {"claims", claims(feed->options())}};
  result.result = {{"bytes", status.raw_bytes},
                   {"bytes_per_s", status.rate},
                   {"sha256", status.sha256},
                   {"files", {{"tape", flags.tape}}}};
  result.check(
      "health", status.failure.empty(), status.failure,
      {{"repetition_failures", status.health.repetition_failures},
       {"proportion_failures", status.health.proportion_failures},
       {"samples", status.health.samples},
       {"start_up_passed", status.health.samples >= entropy::kStartUpSamples && status.health.start_up_failures == 0}});
  common.say(fmt::format("recorded {} bytes of {}{}; SHA-256 {}", status.raw_bytes, feed->name(),
                         status.rate > 0 ? fmt::format(" at {:.3g} Mbit/s", 8e-6 * status.rate) : "", status.sha256));
  common.say(fmt::format("wrote {}", flags.tape));
  if (!status.failure.empty()) {
    warn(status.failure + (status.raw_bytes > 0 ? "; what came until then is on the tape" : "; the tape is empty"));
    result.exit_code = 3;
  } else if (!whole) {
    const bool asked = interrupted();
    const std::string why = asked ? "interrupted" : "the source ended";
    warn(fmt::format("{} after {} of {} bytes{}", why, status.raw_bytes, flags.bytes,
                     status.raw_bytes > 0 ? ", which are on the tape" : "; the tape is empty"));
    result.check("length", false, why);
    result.exit_code = asked ? 130 : 3;
  }
  return result;
}

// ---- check ----

struct CheckFlags {
  std::string source;
  int64_t samples = entropy::kEnoughSamples;
  bool iid = false, iid_all = false;
  ClaimFlags claim;
};

// Symbols of a source, one a byte.
struct Samples {
  std::vector<uint8_t> symbols;
  entropy::FeedOptions options;
  std::string name;
  bool claimed = false;           // less than all bits of the symbols
  std::string damage, recording;  // of a tape: that its bytes are others than its header says; how its recording failed
};

// Throws InputError where so many symbols cannot be assessed: those of a source without an end, or more than memory
// holds.
void check_amount(const std::string& source, const CheckFlags& flags, uint64_t most_bytes, int bits, int per_byte) {
  std::error_code error;
  const bool file = most_bytes != UINT64_MAX || std::filesystem::is_regular_file(source, error);
  if (flags.samples == 0 && !file)
    throw InputError(fmt::format("-n 0 takes all of a file, and {} has no end; say how many symbols", source));
  const auto all = static_cast<double>(!file                      ? UINT64_MAX
                                       : most_bytes != UINT64_MAX ? most_bytes
                                                                  : std::filesystem::file_size(source, error));
  const double asked = flags.samples == 0 ? 1e300 : static_cast<double>(flags.samples);
  const double symbols = std::min(asked, all * per_byte);
  // What the estimators of repeated tuples take, which take most.
  constexpr double kBytesPerBit = 16;
  const double needed = kBytesPerBit * bits * symbols, there = static_cast<double>(available_memory());
  if (needed > there)
    throw InputError(fmt::format(
        "to assess {:.3g} symbols of {} bits takes {} of memory, and there are {}; -n {:.2g} symbols fit", symbols,
        bits, bytes_as_text(needed), bytes_as_text(there), std::floor(there / kBytesPerBit / bits)));
}

// Whether a tape has the SHA-256 of its header, where it has one.
bool has_its_sum(const std::string& tape, const entropy::TapeInfo& info, ProgressLine& progress) {
  if (info.sha256.empty()) return true;
  const auto file = entropy::open_file_source(tape, entropy::kTapeHeader);
  std::vector<std::byte> piece(1 << 16);
  Sha256 sum;
  for (uint64_t read = 0; read < info.bytes && !file->ended();) {
    if (!progress.show("summing", static_cast<double>(read), static_cast<double>(info.bytes)))
      throw Interrupted("interrupted while reading the tape");
    const int64_t count = file->read(piece, std::chrono::milliseconds(100));
    sum.update(std::span(piece).first(static_cast<size_t>(count)));
    read += static_cast<uint64_t>(count);
  }
  return hex(sum.digest()) == info.sha256;
}

Samples read_samples(const CheckFlags& flags) {
  Samples samples;
  entropy::Description description = entropy::describe_source(flags.source);
  std::unique_ptr<entropy::Source> source;
  std::string tape = flags.source.starts_with("tape:") ? flags.source.substr(5) : "";
  uint64_t most_bytes = UINT64_MAX;
  ProgressLine progress("bytes");
  if (tape.empty() && flags.source.ends_with(".tape")) tape = flags.source;
  if (!tape.empty()) {
    const entropy::TapeInfo info = entropy::read_tape_info(tape);
    description.feed.health = info.health;
    description.feed.symbol_per_byte = info.symbol_per_byte;
    source = entropy::open_file_source(tape, entropy::kTapeHeader);
    samples.name = fmt::format("tape {} of {}", tape, in_one_line(info.source));
    samples.recording = in_one_line(info.failure);
    if (!has_its_sum(tape, info, progress))
      samples.damage = fmt::format("{}: damaged tape: its bytes have not the SHA-256 of its header", tape);
    most_bytes = info.bytes;
  } else {
    source = entropy::open_source(description);
    samples.name = source->name();
  }
  apply(flags.claim, description.feed);
  samples.options = description.feed;
  const int bits = samples.options.health.bits_per_symbol;
  const int per_byte = samples.options.symbol_per_byte ? 1 : 8 / bits;
  if (!samples.options.symbol_per_byte && 8 % bits != 0)
    throw InputError(fmt::format("symbols of {} bits do not fill a byte; --symbol-per-byte takes one from each", bits));
  samples.claimed = samples.options.health.min_entropy < bits;
  check_amount(flags.source, flags, most_bytes, bits, per_byte);
  const uint64_t wanted = std::min(
      most_bytes, flags.samples == 0 ? most_bytes : static_cast<uint64_t>((flags.samples + per_byte - 1) / per_byte));
  std::vector<std::byte> piece(1 << 16);
  uint64_t read = 0;
  while (read < wanted && !source->ended()) {
    if (!progress.show("reading", static_cast<double>(read), static_cast<double>(wanted)))
      throw Interrupted("interrupted while reading the source");
    const auto most = std::min<uint64_t>(piece.size(), wanted - read);
    const int64_t count = source->read(std::span(piece).first(most), std::chrono::milliseconds(100));
    read += static_cast<uint64_t>(count);
    entropy::unpack(std::span(piece).first(static_cast<size_t>(count)), bits, samples.options.symbol_per_byte,
                    samples.symbols);
  }
  if (samples.symbols.empty()) throw IoError(fmt::format("{} gave no bytes", samples.name));
  return samples;
}

std::optional<entropy::HealthFailure> tested(entropy::HealthTests& tests, const Samples& samples) {
  try {
    return tests.take(samples.symbols);
  } catch (const InputError& error) {  // a symbol of more bits than were said
    throw InputError(fmt::format("{}: {}", samples.name, error.what()));
  }
}

// Correlation of x(t) and x(t + lag), lags from 1 on.
std::vector<double> autocorrelation(const std::vector<uint8_t>& symbols, int64_t lags) {
  const auto n = static_cast<int64_t>(symbols.size());
  double mean = 0, square = 0;
  for (const uint8_t symbol : symbols) mean += symbol;
  mean /= static_cast<double>(n);
  for (const uint8_t symbol : symbols) square += (symbol - mean) * (symbol - mean);
  std::vector<double> result;
  for (int64_t lag = 1; lag <= std::min(lags, n - 1); ++lag) {
    double sum = 0;
    for (int64_t t = 0; t + lag < n; ++t) sum += (symbols[t] - mean) * (symbols[t + lag] - mean);
    result.push_back(square > 0 ? sum / square : 1.0);
  }
  return result;
}

Json to_json(const std::vector<entropy::EstimatorResult>& estimators) {
  Json list = Json::array();
  for (const entropy::EstimatorResult& one : estimators) {
    Json entry = {{"estimator", entropy::key_of(one.estimator)}, {"section", entropy::section_of(one.estimator)}};
    entry["min_entropy"] = one.min_entropy ? Json(*one.min_entropy) : Json(nullptr);
    if (!one.why_not.empty()) entry["why_not"] = one.why_not;
    for (const entropy::Figure& figure : one.figures) entry["figures"][figure.name] = figure.value;
    list.push_back(entry);
  }
  return list;
}

std::string bits_text(const std::optional<double>& value) { return value ? fmt::format("{:.6f}", *value) : "-"; }

// The estimators side by side: of the symbols, and of their bits.
std::vector<std::vector<std::string>> estimator_rows(const entropy::Assessment& found) {
  std::vector<std::vector<std::string>> rows;
  const auto in = [](const std::vector<entropy::EstimatorResult>& list, entropy::Estimator which) {
    const auto at = std::ranges::find(list, which, &entropy::EstimatorResult::estimator);
    return at == list.end() ? std::optional<double>() : at->min_entropy;
  };
  for (int k = 0; k < entropy::kEstimators; ++k) {
    const auto which = static_cast<entropy::Estimator>(k);
    rows.push_back({fmt::format("{} ({})", entropy::name_of(which), entropy::section_of(which)),
                    bits_text(in(found.literal, which)), bits_text(in(found.bitstring, which))});
  }
  return rows;
}

std::string check_page(const Samples& samples, const entropy::Assessment& found, const std::vector<double>& correlation,
                       bool passed, const std::string& why) {
  const int bits = samples.options.health.bits_per_symbol;
  std::vector<double> counts(size_t{1} << bits), values(counts.size()), even(counts.size()), lags, band, zero;
  const auto n = static_cast<double>(samples.symbols.size());
  for (const uint8_t symbol : samples.symbols) counts[symbol % counts.size()] += 1 / n;
  for (size_t k = 0; k < values.size(); ++k) {
    values[k] = static_cast<double>(k);
    even[k] = 1.0 / static_cast<double>(values.size());
  }
  for (size_t k = 0; k < correlation.size(); ++k) {
    lags.push_back(static_cast<double>(k + 1));
    band.push_back(4 / std::sqrt(n));
    zero.push_back(-4 / std::sqrt(n));
  }
  std::string body =
      answer("assessed min-entropy", fmt::format("{:.4f} bits", found.H_assessed),
             fmt::format("for each symbol of {} bits, from {} symbols of {}: {}", bits, samples.symbols.size(),
                         escaped(samples.name), passed ? "passed" : "not passed"));
  body += warning(passed ? "" : escaped(why));
  body += number_table("Estimators of SP 800-90B, section 6.3: min-entropy in bits; the smallest counts",
                       {"estimator", "of a symbol", "of a bit"}, estimator_rows(found));
  body += figure(draw({"symbol",
                       "share",
                       false,
                       false,
                       {{"seen", values, counts, {}, values.size() > 16 ? Mark::line : Mark::points},
                        {"even", values, even, {}, Mark::dashed}}}),
                 "How often each symbol came.");
  body += figure(draw({"lag",
                       "correlation",
                       false,
                       false,
                       {{"of the symbols", lags, correlation, {}, Mark::points},
                        {"four standard errors of independent symbols", lags, band, {}, Mark::dashed, 1},
                        {"", lags, zero, {}, Mark::dashed, 1}}}),
                 "Correlation of symbols that lie so far apart.");
  return html_page("A source of random bits", body);
}

// Of all bits: the least that estimators find of ideal sources (docs/entropy.md). Fewer samples have wider bounds.
constexpr double kFullShare = 0.8, kFullShareOfFew = 0.65;

Json to_json(const entropy::PermutationResult& permutation) {
  return {{"statistic", entropy::key_of(permutation.statistic)},
          {"original", permutation.original},
          {"above", permutation.above},
          {"equal", permutation.equal},
          {"below", permutation.below},
          {"verdict", permutation.passed ? "passed"
                      : permutation.open ? "open"
                                         : "failed"}};
}

// The IID track: why the samples did not pass; empty where they did.
std::string check_iid(const Samples& samples, const CheckFlags& flags, const Common& common, ProgressLine& progress,
                      Result& result) {
  entropy::IidOptions how;
  how.seed = common.seed;
  how.threads = common.threads;
  how.all = flags.iid_all;
  if (common.quick) how.shuffles = 200;
  how.progress = [&](const Progress& at) { return progress.show("shuffles", at.done, at.total); };
  std::string text;
  try {
    const entropy::IidAssessment iid =
        entropy::assess_iid(samples.symbols, samples.options.health.bits_per_symbol, how);
    if (!iid.iid)
      text = fmt::format("not independent and identically distributed: {} failed", fmt::join(iid.failed, ", "));
    Json& json = result.result["iid"];
    json = {{"iid", iid.iid}, {"failed", iid.failed}, {"H_assessed", iid.entropy.H_assessed}};
    for (const entropy::PermutationResult& one : iid.permutations) {
      json["permutations"].push_back(to_json(one));
      if (one.open)
        common.say(fmt::format("IID track: {} stays open after {} shuffles, as the verdict stands; --iid-all counts on",
                               entropy::name_of(one.statistic), one.shuffles()));
    }
    common.say(text.empty() ? fmt::format("IID track: nothing speaks against it; min-entropy {:.6f} bits",
                                          iid.entropy.H_assessed)
                            : "IID track: " + text);
  } catch (const Interrupted& stop) {  // what was assessed before is kept
    text = fmt::format("the IID track was interrupted: {}", stop.what());
    warn(text);
    result.exit_code = 130;
  }
  result.check("IID", text.empty(), text);
  return text;
}

Result check(const CheckFlags& flags, const Common& common) {
  const Samples samples = read_samples(flags);
  const entropy::HealthSettings& health = samples.options.health;
  Result result;
  result.inputs = {{"source", samples.name}, {"claims", claims(samples.options)}, {"symbols", samples.symbols.size()}};
  if (!samples.recording.empty()) warn("the tape says that its recording ended so: " + samples.recording);
  entropy::HealthTests tests(health);
  const std::optional<entropy::HealthFailure> failure = tested(tests, samples);
  const std::string sentence = failure ? failure->sentence() : "";
  result.check("health", !failure, sentence,
               {{"repetition_failures", tests.state().repetition_failures},
                {"proportion_failures", tests.state().proportion_failures},
                {"start_up_passed", tests.start_up_passed()}});
  ProgressLine progress;
  entropy::AssessOptions options;
  options.threads = common.threads;
  options.progress = [&](const Progress& at) { return progress.show(at); };
  NothingToKeep nothing;
  const entropy::Assessment found = entropy::assess(samples.symbols, health.bits_per_symbol, options);
  nothing.end();
  const bool few = static_cast<int64_t>(samples.symbols.size()) < entropy::kEnoughSamples;
  const double share = few ? kFullShareOfFew : kFullShare;
  const double wanted = samples.claimed ? health.min_entropy : share * health.bits_per_symbol;
  const bool enough = found.H_assessed >= wanted;
  const std::string short_of =
      fmt::format("{:.4f} bits of min-entropy were assessed for a symbol where {}", found.H_assessed,
                  samples.claimed ? fmt::format("{:g} are claimed", wanted)
                                  : fmt::format("{:g} are the least of a source that claims all", wanted));
  result.check("min-entropy", enough, short_of, {{"assessed", found.H_assessed}, {"wanted", wanted}});
  result.result = {{"H_original", found.H_original},
                   {"H_bitstring", found.H_bitstring ? Json(*found.H_bitstring) : Json(nullptr)},
                   {"H_assessed", found.H_assessed},
                   {"distinct", found.distinct},
                   {"literal", to_json(found.literal)},
                   {"bitstring", to_json(found.bitstring)},
                   {"warnings", found.warnings}};
  if (!samples.damage.empty()) result.check("tape", false, samples.damage);
  bool passed = !failure && enough && samples.damage.empty();
  std::string why = !samples.damage.empty() ? samples.damage : failure ? sentence : enough ? "" : short_of;
  if (flags.iid || flags.iid_all) {
    const std::string text = check_iid(samples, flags, common, progress, result);
    if (why.empty()) why = text;
    passed = passed && text.empty();
  }
  clear_progress();
  const std::vector<double> correlation = autocorrelation(samples.symbols, 64);
  result.result["autocorrelation"] = correlation;
  common.say(
      fmt::format("{} symbols of {} bits from {}", samples.symbols.size(), health.bits_per_symbol, samples.name));
  common.say(fmt::format("{:<38} {:>12} {:>12}", "min-entropy, bits", "of a symbol", "of a bit"));
  for (const std::vector<std::string>& row : estimator_rows(found))
    common.say(fmt::format("  {:<36} {:>12} {:>12}", row[0], row[1], row[2]));
  common.say(
      fmt::format("assessed: {:.6f} bits a symbol; health tests {}", found.H_assessed, failure ? "failed" : "passed"));
  for (const std::string& text : found.warnings) warn(text);
  common.say(passed ? "passed" : "not passed: " + why);
  if (!common.report.empty()) result.page = check_page(samples, found, correlation, passed, why);
  result.exit_code = result.exit_code != 0 ? result.exit_code : passed ? 0 : 5;
  return result;
}

Command record_command() {
  return {"record", "record a source's bytes on a tape", [](CLI::App& app) -> Action {
            auto flags = std::make_shared<RecordFlags>();
            app.add_option("SOURCE", flags->source,
                           "os, tcp://HOST:PORT, https://..., a description FILE.toml, or a file, pipe or device")
                ->required();
            app.add_option("-n,--bytes", flags->bytes, "bytes to record")
                ->capture_default_str()
                ->check(CLI::Range(int64_t{1}, int64_t{1} << 50));
            app.add_option("--save", flags->tape, "tape to write")->required();
            app.add_option("--device-name", flags->device,
                           "what the tape's header says of the device: model, serial number");
            add_claim_flags(app, flags->claim);
            return [flags](const Common& common) { return record(*flags, common); };
          }};
}

Command check_command() {
  return {"check", "assess a tape or a source by NIST SP 800-90B", [](CLI::App& app) -> Action {
            auto flags = std::make_shared<CheckFlags>();
            app.add_option("SOURCE", flags->source,
                           "a tape (tape:FILE, or FILE.tape), or a source as 'entropy record' takes it")
                ->required();
            app.add_option("-n,--symbols", flags->samples, "symbols to assess at the most, 0 for all of a file")
                ->capture_default_str()
                ->check(CLI::Range(int64_t{0}, int64_t{1} << 32));
            app.add_flag("--iid", flags->iid,
                         "also test whether symbols are independent and identically distributed (minutes)");
            app.add_flag("--iid-all", flags->iid_all,
                         "the same, and count every statistic over all shuffles where the verdict stands before "
                         "(hours)");
            add_claim_flags(app, flags->claim);
            return [flags](const Common& common) { return check(*flags, common); };
          }};
}

}  // namespace

Command entropy_command() {
  return group("entropy", "sources of random bits: tapes, health, min-entropy", {record_command(), check_command()});
}

}  // namespace swell::cmd
