#include "swell/cmd/random_bits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "swell/base/errors.h"
#include "swell/cmd/console.h"
#include "swell/cmd/outputs.h"
#include "swell/cmd/progress.h"
#include "swell/entropy/open_feed.h"

namespace swell::cmd {

namespace {

using Json = nlohmann::ordered_json;

// Commands whose runs can take every draw from outside; searches and training draw as many as their moves ask for, and
// take keys.
constexpr auto kDrawAll = std::to_array<std::string_view>({"generate", "run", "neural test"});

std::string megabytes(double bytes) { return fmt::format("{:.3g} MB", bytes / 1e6); }

}  // namespace

Seed Common::draws() const { return {seed, random_bits.feed.get()}; }

void add_random_bits_flags(CLI::App& app, RandomBits& bits, CLI::Option* seed) {
  app.add_option("--entropy", bits.source,
                 "random bits from outside in place of a seed: os, tape:FILE, tcp://HOST:PORT, https://..., a "
                 "description FILE.toml, or a file, pipe or device")
      ->option_text("SOURCE")
      ->group("Common")
      ->excludes(seed);
  app.add_option("--entropy-use", bits.use,
                 "all: every draw of a run comes from the source; keys: keys of the generator, a new one every 1024 "
                 "steps of a run, and a single one for searches, training and linear algebra; auto: all where the "
                 "command can, else keys")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "all", "keys"}))
      ->group("Common");
  app.add_option("--conditioning", bits.conditioning,
                 "of the source's bytes: sha256; none, as they are, even where they claim less than eight bits each; "
                 "auto: none where they claim eight")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "none", "sha256"}))
      ->group("Common");
  app.add_option("--tape", bits.tape, "record the bytes of a live source on this tape, to repeat the run from it")
      ->option_text("FILE")
      ->group("Common");
}

void open_random_bits(Common& common, const std::string& command) {
  RandomBits& bits = common.random_bits;
  if (bits.source.empty()) {
    if (!bits.tape.empty()) throw InputError("--tape records a source; --entropy names it");
    return;
  }
  const bool draws_all = std::ranges::find(kDrawAll, command) != kDrawAll.end();
  if (bits.use == "all" && !draws_all) {
    throw InputError(
        fmt::format("--entropy-use all is for {}; 'swell {}' draws as many as its work asks for, and takes "
                    "keys of the generator from the source (--entropy-use keys)",
                    fmt::join(kDrawAll, ", "), command));
  }
  entropy::Description description = entropy::describe_source(bits.source);
  if (bits.conditioning != "auto") description.feed.conditioning = entropy::conditioning_named(bits.conditioning);
  if (!bits.tape.empty()) {
    if (bits.source.starts_with("tape:"))
      throw InputError("--tape records a live source; --entropy names a tape already");
    require_writable_file(bits.tape);
    description.feed.tape = bits.tape;
  }
  bits.feed = entropy::open_feed(description);
  entropy::Feed& feed = *bits.feed;
  feed.use = bits.use == "keys" || !draws_all ? Entropy::Use::keys : Entropy::Use::all;
  ProgressLine progress("bytes");
  const auto needed = static_cast<double>(std::max<uint64_t>(feed.raw_bytes_for(8), 2 * entropy::kStartUpSamples));
  common.seed = feed.take_seed([&](const entropy::FeedStatus& status) {
    return progress.show("waiting for random bits", static_cast<double>(status.raw_bytes), needed);
  });
  clear_progress();
  const entropy::HealthSettings& health = feed.options().health;
  common.say(fmt::format("random bits: {} from {}, {:g} bits of min-entropy claimed for each symbol of {}, {}",
                         feed.use == Entropy::Use::all ? "every draw" : "keys", feed.name(), health.min_entropy,
                         health.bits_per_symbol, feed.is_conditioned() ? "conditioned by SHA-256" : "as they are"));
  if (!feed.is_tape() && bits.tape.empty())
    common.say("random bits: not recorded; --tape FILE keeps them, to repeat this");
  if (feed.is_biased())
    warn("the source claims less than eight bits a byte, and its bytes are used as they are: results are marked");
  feed.on_request = [common](uint64_t raw_bytes, const std::string& what, double rate) {
    const double mega = static_cast<double>(raw_bytes) / 1e6;
    if (mega < 1) return;
    common.say(fmt::format(
        "random bits: {} takes {:.3g} MB of the source{}", what, mega,
        rate > 0 ? fmt::format(", {:.3g} s at the {:.3g} Mbit/s that it gave so far", 1e6 * mega / rate, 8e-6 * rate)
                 : ""));
  };
}

std::string coming(const RandomBits& bits) {
  if (!bits.feed || bits.feed->is_tape()) return "";
  const entropy::FeedStatus status = bits.feed->status();
  const uint64_t needed = bits.feed->raw_bytes_for(bits.feed->claimed());
  if (status.raw_bytes >= needed) return "";
  return fmt::format("random bits {} of {}, {:.3g} Mbit/s", megabytes(static_cast<double>(status.raw_bytes)),
                     megabytes(static_cast<double>(needed)), 8e-6 * status.rate);
}

std::string failure_of(const RandomBits& bits) { return bits.feed ? bits.feed->trouble() : ""; }

void close_random_bits(const Common& common, Result& result) {
  const RandomBits& bits = common.random_bits;
  if (!bits.feed) return;
  entropy::Feed& feed = *bits.feed;
  const uint64_t used = std::min(feed.claimed(), feed.status().served_bytes);
  feed.finish();
  const entropy::FeedStatus status = feed.status();
  const entropy::HealthSettings& health = feed.options().health;
  result.inputs["random_bits"] = {
      {"source", feed.name()},
      {"device", feed.options().device},
      {"use", feed.use == Entropy::Use::all ? "all" : "keys"},
      {"bits_per_symbol", health.bits_per_symbol},
      {"min_entropy_claimed", health.min_entropy},
      {"conditioning", feed.is_conditioned() ? "SHA-256" : "none"},
      {"raw_bytes", status.raw_bytes},
      {"min_entropy_in_bits",
       static_cast<double>(status.raw_bytes) * entropy::min_entropy_per_byte(health, feed.options().symbol_per_byte)},
      {"used_bytes", used},
      {"bytes_per_s", status.rate},
      {"sha256", status.sha256},
      {"tape", bits.tape.empty() ? Json(nullptr) : Json(bits.tape)}};
  const std::string biased = feed.is_biased() ? fmt::format(
                                                    "the source claims {:g} bits of min-entropy for each symbol "
                                                    "of {}, and its bytes were used as they are",
                                                    health.min_entropy, health.bits_per_symbol)
                                              : "";
  const std::string failure = failure_of(bits);
  result.check("random bits", failure.empty() && biased.empty(), failure.empty() ? biased : failure,
               {{"repetition_failures", status.health.repetition_failures},
                {"proportion_failures", status.health.proportion_failures},
                {"samples", status.health.samples}});
  if (feed.is_conditioned())
    common.say(fmt::format(
        "random bits: {} of the source, with {:.3g} bits of min-entropy as claimed, gave {:.3g} bits, of which {:.3g} "
        "were used",
        megabytes(static_cast<double>(status.raw_bytes)),
        static_cast<double>(status.raw_bytes) * entropy::min_entropy_per_byte(health, feed.options().symbol_per_byte),
        8 * static_cast<double>(status.served_bytes), 8 * static_cast<double>(used)));
  if (!bits.tape.empty())
    common.say(fmt::format("wrote {}, {}: --entropy tape:{} repeats this", bits.tape,
                           megabytes(static_cast<double>(status.raw_bytes)), bits.tape));
  if (failure.empty()) return;
  warn(failure);
  result.exit_code = 3;
}

}  // namespace swell::cmd
