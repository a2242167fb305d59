// Random bits from outside, as users have them: devices that are healthy, stuck, biased, slow or gone, services on the
// network, and tapes that repeat a run to the byte (docs/entropy.md).

#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "cli/http_service.h"
#include "cli/program.h"
#include "swell/entropy/tape_file.h"
#include "swell/io/npy.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;

// Bytes of a good generator.
std::string sound(size_t count, uint64_t table = 1) {
  std::string bytes;
  for (uint32_t block = 0; bytes.size() < count; ++block) {
    const Words4 words = noise_words({77, stream::kTesting}, block, table, 0, 0);
    bytes.append(reinterpret_cast<const char*>(&words), sizeof words);
  }
  bytes.resize(count);
  return bytes;
}

// Each bit is one with this probability.
std::string biased(size_t count, double one) {
  const std::string draws = sound(8 * count, 2);
  std::string bytes(count, '\0');
  for (size_t k = 0; k < 8 * count; ++k) {
    if (static_cast<uint8_t>(draws[k]) < 256 * one) bytes[k / 8] = static_cast<char>(bytes[k / 8] | 1 << k % 8);
  }
  return bytes;
}

}  // namespace

class random_bits : public Program {
 protected:
  // A named pipe into which a device writes this, a piece after the other with a break between.
  std::function<void(pid_t)> device(const std::string& bytes, size_t piece = 1 << 16,
                                    std::chrono::milliseconds pause = std::chrono::milliseconds(0)) {
    const std::string pipe = folder_ / "device";
    if (!exists("device")) mkfifo(pipe.c_str(), 0600);
    return [=](pid_t child) {
      signal(SIGPIPE, SIG_IGN);
      const int file = open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
      for (size_t sent = 0; sent < bytes.size();) {
        const ssize_t count = ::write(file, bytes.data() + sent, std::min(piece, bytes.size() - sent));
        if (count > 0) {
          sent += static_cast<size_t>(count);
          if (pause.count() > 0) std::this_thread::sleep_for(pause);
          continue;
        }
        siginfo_t state{};
        waitid(P_PID, static_cast<id_t>(child), &state, WEXITED | WNOHANG | WNOWAIT);
        if (state.si_pid != 0) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      // The program keeps the pipe open for reading: what is in it can still be read.
      close(file);
    };
  }

  void train() {
    write_tiny();
    ASSERT_EQ(swell({"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "model"}).exit_code, 0);
  }
  std::vector<std::string> generate(const std::string& folder, const std::vector<std::string>& more) {
    std::vector<std::string> words{"generate", "model", "-n", "20", "--film", "0", "-o", folder};
    if (std::ranges::find(more, "--threads") == more.end()) words.insert(words.end(), {"--threads", "2"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Json report_of(const std::string& folder) { return Json::parse(text_of(folder_ / (folder + "/report.json"))); }
  std::string images_of(const std::string& folder) { return text_of(folder_ / (folder + "/samples.npy")); }

  // An image takes 22 units in 6 blocks of 16 bytes, 200 steps.
  static constexpr size_t kImage = 6 * 16 * 200;
};

TEST_F(random_bits, a_healthy_device_is_recorded_and_its_tape_repeats_the_run) {
  train();
  const Answer live =
      swell(generate("live", {"--entropy", "device", "--tape", "run.tape"}), {-1, device(sound(21 * kImage))});
  ASSERT_EQ(live.exit_code, 0) << live.err;
  EXPECT_TRUE(contains(live.out, "every draw from device")) << live.out;
  const Answer again = swell(generate("again", {"--entropy", "tape:run.tape"}));
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(images_of("live"), images_of("again"));
  const Json bits = report_of("live")["inputs"]["random_bits"];
  EXPECT_EQ(bits["use"], "all");
  EXPECT_EQ(bits["conditioning"], "none");
  EXPECT_GE(bits["raw_bytes"], 20 * kImage);
  EXPECT_EQ(bits["sha256"].get<std::string>(), entropy::read_tape_info(folder_ / "run.tape").sha256);
  // Any number of threads and any part of the trajectories draw the same bits.
  std::vector<std::string> fewer = generate("fewer", {"--entropy", "tape:run.tape", "--threads", "1"});
  fewer[3] = "7";
  ASSERT_EQ(swell(fewer).exit_code, 0);
  const std::vector<double> all = read_npy(folder_ / "live/samples.npy").values,
                            first = read_npy(folder_ / "fewer/samples.npy").values;
  EXPECT_TRUE(std::equal(first.begin(), first.end(), all.begin()));
  // Keys of the generator from the same tape give other images.
  ASSERT_EQ(swell(generate("keys", {"--entropy", "tape:run.tape", "--entropy-use", "keys"})).exit_code, 0);
  EXPECT_NE(images_of("keys"), images_of("live"));
}

// Three quarters of the bits come, then the same byte for ever: it is seen before one of those is used, and the images
// whose bits had come are kept: ten, that a thread makes together.
TEST_F(random_bits, a_device_that_gets_stuck_ends_the_run_with_what_was_done) {
  train();
  const Answer answer = swell(generate("out", {"--entropy", "device", "--tape", "bad.tape"}),
                              {-1, device(sound(15 * kImage) + std::string(6 * kImage, '\x55'))});
  EXPECT_EQ(answer.exit_code, 3) << answer.err;
  EXPECT_TRUE(contains(answer.err, "repetition count")) << answer.err;
  const Json report = report_of("out");
  EXPECT_EQ(report["result"]["samples"], 10);
  EXPECT_LE(report["inputs"]["random_bits"]["used_bytes"], 15 * kImage);
  EXPECT_TRUE(contains(entropy::read_tape_info(folder_ / "bad.tape").failure, "repetition count"));
  // The images that were kept are those of a source that stays sound.
  ASSERT_EQ(swell(generate("whole", {"--entropy", "device"}), {-1, device(sound(21 * kImage))}).exit_code, 0);
  const std::vector<double> some = read_npy(folder_ / "out/samples.npy").values,
                            all = read_npy(folder_ / "whole/samples.npy").values;
  EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
}

TEST_F(random_bits, a_bias_that_the_claim_denies_is_found) {
  train();
  write("bits.toml", "source = \"device\"\nbits_per_symbol = 1\n");
  const Answer answer = swell(generate("out", {"--entropy", "bits.toml"}), {-1, device(biased(21 * kImage, 0.75))});
  EXPECT_EQ(answer.exit_code, 3) << answer.err;
  EXPECT_TRUE(contains(answer.err, "adaptive proportion")) << answer.err;
}

// 55 : 45 claims 0.8 bits: conditioned, or as it is where that is asked for, and the report is marked.
TEST_F(random_bits, a_bias_that_is_claimed_is_conditioned_unless_asked_otherwise) {
  train();
  write("bits.toml", "source = \"device\"\ndevice = \"a coin\"\nbits_per_symbol = 1\nmin_entropy = 0.8\n");
  const std::string coin = biased(40 * kImage, 0.55);
  const Answer conditioned = swell(generate("out", {"--entropy", "bits.toml"}), {-1, device(coin)});
  ASSERT_EQ(conditioned.exit_code, 0) << conditioned.err;
  const Json bits = report_of("out")["inputs"]["random_bits"];
  EXPECT_EQ(bits["conditioning"], "SHA-256");
  EXPECT_EQ(bits["device"], "a coin");
  // 320 bits of min-entropy for 256: 50 bytes of 6.4 bits each for 32.
  EXPECT_GE(bits["raw_bytes"], 20 * kImage * 50 / 32);
  const Answer raw = swell(generate("raw", {"--entropy", "bits.toml", "--conditioning", "none"}), {-1, device(coin)});
  ASSERT_EQ(raw.exit_code, 0) << raw.err;
  EXPECT_TRUE(contains(raw.err, "less than eight bits a byte")) << raw.err;
  bool marked = false;
  const Json report = report_of("raw");
  for (const Json& check : report["diagnostics"])
    marked = marked || (check["check"] == "random bits" && check["passed"] == false);
  EXPECT_TRUE(marked);
}

TEST_F(random_bits, a_slow_device_is_waited_for_or_refused_and_one_that_closes_leaves_what_it_had) {
  train();
  const auto slow = [&] { return device(sound(21 * kImage), 20000, std::chrono::milliseconds(20)); };
  const Answer waited = swell(generate("out", {"--entropy", "device"}), {-1, slow()});
  EXPECT_EQ(waited.exit_code, 0) << waited.err;
  write("impatient.toml", "source = \"device\"\nmost_wait = \"10ms\"\n");
  const Answer refused = swell(generate("none", {"--entropy", "impatient.toml"}), {-1, slow()});
  EXPECT_EQ(refused.exit_code, 2) << refused.err;
  EXPECT_TRUE(contains(refused.err, "Mbit/s")) << refused.err;
  write("short", sound(15 * kImage));
  const Answer closed = swell(generate("part", {"--entropy", "short"}));
  EXPECT_EQ(closed.exit_code, 3) << closed.err;
  EXPECT_TRUE(contains(closed.err, "short ended after 288000 bytes")) << closed.err;
  EXPECT_EQ(report_of("part")["result"]["samples"], 10);
}

TEST_F(random_bits, tapes_that_are_too_short_damaged_or_none_are_refused) {
  train();
  ASSERT_EQ(swell({"entropy", "record", "os", "-n", "10000", "--save", "short.tape"}).exit_code, 0);
  expect_refused(2, generate("out", {"--entropy", "tape:short.tape"}),
                 {"20 trajectories", "tape short.tape has 10000"});
  write("none.tape", sound(10000));
  expect_refused(3, generate("out", {"--entropy", "tape:none.tape"}), {"none.tape is not a tape"});
  expect_refused(3, generate("out", {"--entropy", "nothing"}), {"cannot read nothing"});
  expect_refused(2, generate("out", {"--entropy", "os", "--seed", "3"}), {"--seed"});
  expect_refused(2, generate("out", {"--tape", "x"}), {"--tape"});
  std::string text = text_of(folder_ / "short.tape");
  text[5000] = static_cast<char>(text[5000] ^ 1);
  write("bad.tape", text);
  expect_refused(3, {"ising", SWELL_SOURCE_DIR "/examples/graph.txt", "--budget", "0.1s", "--entropy", "tape:bad.tape"},
                 {"bad.tape: damaged tape", "SHA-256"});
  write("header.tape", text.substr(0, 4000));
  expect_refused(3, generate("out", {"--entropy", "tape:header.tape"}), {"header.tape is not a tape"});
  write("cut.tape", text.substr(0, 9000));
  expect_refused(3, generate("out", {"--entropy", "tape:cut.tape"}), {"cut.tape: damaged tape"});
}

// Searches and training take their seed from the source; the tape repeats them.
TEST_F(random_bits, every_command_that_draws_takes_a_source) {
  train();
  ASSERT_EQ(swell({"entropy", "record", "os", "-n", "100000", "--save", "os.tape"}).exit_code, 0);
  const std::string examples = SWELL_SOURCE_DIR "/examples/";
  const std::vector<std::vector<std::string>> commands{
      {"ising", examples + "graph.txt", "--runs", "2", "--sweeps", "100"},
      {"route", examples + "cities.tsp", "--runs", "2"},
      {"solve", examples + "A.mtx", examples + "b.mtx", "-n", "640"},
      {"run", "tiny.toml", "--protocol", "generation", "-n", "4", "-o", "ran", "--entropy-use", "keys"},
      {"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "other", "--method", "gradient", "--updates",
       "5"}};
  for (const std::vector<std::string>& command : commands) {
    const auto result = [&] {
      std::vector<std::string> words = command;
      words.insert(words.end(), {"--entropy", "tape:os.tape", "--threads", "1", "--json", "-", "--quiet"});
      const Answer answer = swell(words);
      EXPECT_EQ(answer.exit_code, 0) << answer.err;
      Json json = Json::parse(answer.out, nullptr, false);
      EXPECT_EQ(json["inputs"]["random_bits"]["use"], "keys") << command[0];
      return json["seed"].get<uint64_t>();
    };
    const uint64_t seed = result();
    EXPECT_NE(seed, 1u);
    EXPECT_EQ(result(), seed);
  }
  expect_refused(2, {"ising", examples + "graph.txt", "--entropy", "os", "--entropy-use", "all"}, {"generate, run"});
  expect_refused(2, {"ising", examples + "graph.txt", "--entropy", "htps://x"}, {"htps://x", "https://"});
  expect_refused(2, {"entropy", "check", "tpc://x:1"}, {"tpc://x:1", "tcp://"});
}

TEST_F(random_bits, sources_are_assessed_and_their_verdict_is_the_exit_code) {
  write("good", sound(60000));
  write("bad", biased(60000, 0.6));
  const Answer good = swell({"entropy", "check", "good", "--symbol-bits", "1", "--json", "-", "--report", "page.html"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  const Json json = Json::parse(good.out);
  EXPECT_GT(json["result"]["H_assessed"], 0.8);
  EXPECT_TRUE(contains(text_of(folder_ / "page.html"), "Correlation of symbols"));
  const Answer bad = swell({"entropy", "check", "bad", "--symbol-bits", "1"});
  EXPECT_EQ(bad.exit_code, 5) << bad.err;
  EXPECT_TRUE(contains(bad.out, "not passed")) << bad.out;
  // Less is claimed than -log2 0.6 = 0.737 by what the confidence bounds of the estimators take.
  EXPECT_EQ(swell({"entropy", "check", "bad", "--symbol-bits", "1", "--min-entropy", "0.5"}).exit_code, 0);
}

// Symbols that repeat the one eight before, one time in ten: the first statistics that fail settle the verdict.
TEST_F(random_bits, the_iid_track_says_what_speaks_against_it_and_can_be_stopped) {
  std::string echo = sound(4000);
  for (size_t k = 10; k < echo.size(); k += 10) echo[k] = echo[k - 8];
  write("echo", echo);
  const Answer quick = swell({"entropy", "check", "echo", "--iid", "--quick", "--json", "-"});
  EXPECT_EQ(quick.exit_code, 5) << quick.err;
  const Json iid = Json::parse(quick.out)["result"]["iid"];
  EXPECT_FALSE(iid["iid"].get<bool>());
  ASSERT_EQ(iid["permutations"].size(), 19u);
  const auto verdict_of = [](const Json& found, const std::string& statistic) {
    for (const Json& each : found["permutations"])
      if (each["statistic"] == statistic) return each["verdict"].get<std::string>();
    return std::string("missing");
  };
  EXPECT_EQ(verdict_of(iid, "periodicity_8"), "failed");
  const Answer whole = swell({"entropy", "check", "echo", "--iid-all", "--quick", "--json", "-"});
  for (const Json& each : Json::parse(whole.out)["result"]["iid"]["permutations"])
    EXPECT_EQ(each["above"].get<int>() + each["equal"].get<int>() + each["below"].get<int>(), 200);
  // 10,000 shuffles with bzip2 take half a minute; what was assessed before is kept.
  const Answer stopped =
      swell({"entropy", "check", "echo", "--iid-all"}, {-1, interrupt_after(std::chrono::seconds(3))});
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_TRUE(contains(stopped.err, "of 10000 shuffles; not passed until then:")) << stopped.err;
  EXPECT_TRUE(contains(stopped.out, "assessed:")) << stopped.out;
}

// A tape whose bytes changed, one that its own header speaks against, a source without an end.
TEST_F(random_bits, what_cannot_be_assessed_is_said) {
  ASSERT_EQ(swell({"entropy", "record", "os", "-n", "20000", "--save", "os.tape"}).exit_code, 0);
  const std::string text = text_of(folder_ / "os.tape");
  ASSERT_EQ(swell({"entropy", "check", "os.tape"}).exit_code, 0);
  std::string changed = text;
  changed[19000] = static_cast<char>(changed[19000] ^ 1);
  write("changed.tape", changed);
  const Answer damaged = swell({"entropy", "check", "changed.tape", "-n", "5000", "--json", "-"});
  EXPECT_EQ(damaged.exit_code, 5) << damaged.err;
  EXPECT_TRUE(contains(damaged.out, "damaged tape")) << damaged.out;
  const std::string sound_end = "\"failure\": \"\"", bad_end = "\"failure\": \"the cable\\u001b[31m broke\"";
  std::string header = text.substr(0, 4095);
  header.replace(header.find(sound_end), sound_end.size(), bad_end).resize(4095);
  write("failed.tape", header + text.substr(4095));
  const Answer failed = swell({"entropy", "check", "failed.tape"});
  EXPECT_TRUE(contains(failed.err, "the cable?[31m broke")) << failed.err;
  expect_refused(2, {"entropy", "check", "os", "-n", "0"}, {"-n 0", "no end"});
  expect_refused(2, {"entropy", "check", "/dev/zero", "-n", "4e9"}, {"memory", "symbols fit"});
  expect_refused(2, {"entropy", "record", "os", "-n", "1e15", "--save", "huge.tape"}, {"huge.tape"});
  EXPECT_FALSE(exists("huge.tape"));
  write("noise", sound(5000));
  expect_refused(2, {"entropy", "record", "noise", "-n", "100", "--save", "noise"}, {"noise is the source"});
  EXPECT_EQ(text_of(folder_ / "noise"), sound(5000));
  write("wide", std::string(2000, '\x09'));
  expect_refused(2, {"entropy", "check", "wide", "--symbol-bits", "3", "--symbol-per-byte"}, {"wide", "0 to 7"});
}

// The accounting of a conditioned source: bits in, bits out.
TEST_F(random_bits, a_conditioned_source_says_what_went_in_and_came_out) {
  write("coin.toml", "source = \"coin\"\nbits_per_symbol = 1\nmin_entropy = 0.8\n");
  write("coin", biased(200000, 0.55));
  const Answer answer = swell(
      {"ising", SWELL_SOURCE_DIR "/examples/graph.txt", "--runs", "1", "--sweeps", "10", "--entropy", "coin.toml"});
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_TRUE(contains(answer.out, "bits of min-entropy as claimed, gave")) << answer.out;
}

class random_services : public random_bits {
 protected:
  Answer record(const std::string& url, const std::string& more = "", const std::string& http = "") {
    write("service.toml", "source = \"" + url + "\"\n" + more +
                              "[http]\nrequest_bytes = 2048\nattempts = 3\ntimeout = \"1s\"\n" + http);
    return swell({"entropy", "record", "service.toml", "-n", "8000", "--save", "out.tape", "--json", "-", "--quiet"});
  }
};

TEST_F(random_services, answers_of_bytes_and_json_are_taken) {
  const std::string all = sound(16384);
  std::string seen;
  HttpService bytes([&](const std::string& request, int number) {
    seen = request;
    return HttpService::answer(all.substr(static_cast<size_t>(number) * 2048, 2048));
  });
  write("key.txt", "X-Key: secret\n");
  const Answer plain = record(bytes.url("/random?count={bytes}"), "", "headers = \"key.txt\"\n");
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_TRUE(contains(seen, "GET /random?count=2048 "));
  EXPECT_TRUE(contains(seen, "X-Key: secret"));
  const std::string tape = text_of(folder_ / "out.tape");
  EXPECT_EQ(tape.substr(4096, 8000), all.substr(0, 8000));
  EXPECT_EQ(tape.find("secret"), std::string::npos);
  EXPECT_EQ(plain.out.find("secret"), std::string::npos);
  EXPECT_EQ(bytes.requests(), 4);
  HttpService numbers([&](const std::string&, int number) {
    Json list = Json::array();
    for (int k = 0; k < 1024; ++k) list.push_back(static_cast<uint8_t>(all[static_cast<size_t>(number * 1024 + k)]));
    return HttpService::answer(Json{{"ok", true}, {"data", list}}.dump(), "application/json");
  });
  ASSERT_EQ(record(numbers.url(), "", "field = \"/data\"\n").exit_code, 0);
  EXPECT_EQ(text_of(folder_ / "out.tape").substr(4096, 8000), all.substr(0, 8000));
}

TEST_F(random_services, what_passes_is_tried_again_and_what_does_not_is_told) {
  const std::string all = sound(65536);
  // 429 with a break, 500, a lost connection, an answer cut short: each once, then all goes well.
  HttpService moody([&](const std::string&, int number) -> std::string {
    if (number == 0) return HttpService::answer("slowly", "text/plain", "429 Too Many Requests", "Retry-After: 1\r\n");
    if (number == 1) return HttpService::answer("", "text/plain", "500 Internal Server Error");
    if (number == 3) return "";
    if (number == 5) return HttpService::answer(all.substr(0, 2048)).substr(0, 1000);
    return HttpService::answer(all.substr(static_cast<size_t>(number) * 2048, 2048));
  });
  const Answer patient = record(moody.url());
  EXPECT_EQ(patient.exit_code, 0) << patient.err;
  const auto refused = [&](const std::string& respond, const std::vector<std::string>& parts,
                           const std::string& http = "") {
    HttpService service([&](const std::string&, int) { return respond; });
    const Answer answer = record(service.url("/bits?key=hidden"), "", http);
    EXPECT_EQ(answer.exit_code, 3) << answer.err;
    for (const std::string& part : parts) EXPECT_TRUE(contains(answer.err, part)) << answer.err;
    EXPECT_EQ(answer.err.find("hidden"), std::string::npos) << answer.err;
  };
  refused(HttpService::answer("", "text/plain", "503 Busy"), {"503", "3 times"});
  refused(HttpService::answer("<html>", "text/html"), {"text/html"});
  refused(HttpService::answer("no", "text/plain", "404 Not Found"), {"404"});
  refused(HttpService::answer("", "text/plain", "302 Found", "Location: http://other.example/x\r\n"),
          {"redirects to", "other.example"});
  refused(HttpService::answer(std::string(100000, 'x')), {"more than"});
  refused(HttpService::answer("{\"data\": [1, 300]}", "application/json"), {"300", "0 to 255"}, "field = \"/data\"\n");
  refused(HttpService::answer("{\"data\": 7}", "application/json"), {"/data"}, "field = \"/data\"\n");
  refused(HttpService::answer("[", "application/json"), {"not JSON"}, "field = \"/data\"\n");
  refused(HttpService::answer("{}", "application/json"), {"no field /data"}, "field = \"/data\"\n");
}

// Pages that stand in the way of a service are bytes, too, and long ones pass for noise when they are compressed.
TEST_F(random_services, what_is_not_bytes_is_not_taken_for_them) {
  const std::string all = sound(2048);
  const auto answer_to = [&](const std::string& respond, const std::string& http = "") {
    HttpService service([&](const std::string&, int) { return respond; });
    return record(service.url(), "", http);
  };
  for (const char* type : {"Text/HTML; charset=utf-8", "application/xhtml+xml", "application/problem+json", "image/png",
                           "APPLICATION/JSON", "application/xml", "multipart/mixed"}) {
    const Answer answer = answer_to(HttpService::answer(all, type));
    EXPECT_EQ(answer.exit_code, 3) << type;
    EXPECT_TRUE(contains(answer.err, "not bytes")) << answer.err;
  }
  EXPECT_EQ(answer_to(HttpService::answer(all, "application/x-random")).exit_code, 0);
  // A body of zeros, compressed by a service that was not asked to: unpacked, and found to be stuck.
  const auto compressed = [](const std::string& text) {  // RFC 1950, in one block that is stored as it is
    const auto size = static_cast<uint16_t>(text.size());
    uint32_t a = 1, b = 0;
    for (const char c : text) {
      a = (a + static_cast<uint8_t>(c)) % 65521;
      b = (b + a) % 65521;
    }
    const auto byte = [](uint32_t value) { return static_cast<char>(value & 255); };
    return std::string("\x78\x01\x01") + byte(size) + byte(size >> 8) + byte(~size) + byte(~size >> 8) + text +
           byte(b >> 8) + byte(b) + byte(a >> 8) + byte(a);
  };
  const std::string packed = HttpService::answer(compressed(R"({"data": [1, 2, 300]})"), "application/json", "200 OK",
                                                 "Content-Encoding: deflate\r\n");
  const Answer unpacked = answer_to(packed, "field = \"/data\"\n");
  EXPECT_TRUE(contains(unpacked.err, "holds 300;")) << unpacked.err;
  const Answer zeros = answer_to(HttpService::answer(compressed(std::string(2048, '\0')), "application/octet-stream",
                                                     "200 OK", "Content-Encoding: deflate\r\n"));
  EXPECT_TRUE(contains(zeros.err, "repetition count")) << zeros.err;
  // A length that nobody will wait for is refused before its bytes come.
  std::string huge = HttpService::answer(all);
  huge.replace(huge.find("2048"), 4, "1000000000000000");
  const Answer long_one = answer_to(huge);
  EXPECT_EQ(long_one.exit_code, 3);
  EXPECT_TRUE(contains(long_one.err, "more than 20480 bytes to a request for 2048")) << long_one.err;
  const Answer elsewhere = answer_to(
      HttpService::answer("", "text/plain", "302 Found", "Location: http://me:hidden@other.example/x?key=hidden\r\n"));
  EXPECT_TRUE(contains(elsewhere.err, "http://other.example/x")) << elsewhere.err;
  EXPECT_FALSE(contains(elsewhere.err, "hidden")) << elsewhere.err;
}

TEST_F(random_services, a_file_of_headers_may_begin_with_a_mark_and_its_faults_have_a_line) {
  std::string seen;
  HttpService service([&](const std::string& request, int number) {
    seen = request;
    return HttpService::answer(sound(16384).substr(static_cast<size_t>(number) * 2048, 2048));
  });
  write("key.txt", "\xef\xbb\xbfX-Key: secret\t\r\n");
  ASSERT_EQ(record(service.url(), "", "headers = \"key.txt\"\n").exit_code, 0);
  EXPECT_TRUE(contains(seen, "\nX-Key: secret\r\n")) << seen;
  write("key.txt", "X-Key: secret\n\nhidden\n");
  const Answer answer = record(service.url(), "", "headers = \"key.txt\"\n");
  EXPECT_EQ(answer.exit_code, 2);
  EXPECT_TRUE(contains(answer.err, "key.txt:3")) << answer.err;
  EXPECT_FALSE(contains(answer.err, "hidden")) << answer.err;
}

// A service that is silent for ten seconds holds up nobody who wants to stop.
TEST_F(random_services, a_silent_service_is_left_at_once) {
  std::atomic<bool> over = false;
  HttpService silent([&](const std::string&, int) {
    for (int k = 0; k < 100 && !over; ++k) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return std::string();
  });
  write("silent.toml", "source = \"" + silent.url() + "\"\n");
  const std::vector<std::vector<std::string>> commands{
      {"entropy", "record", "silent.toml", "--save", "out.tape"},
      {"entropy", "check", "silent.toml"},
      {"ising", SWELL_SOURCE_DIR "/examples/graph.txt", "--entropy", "silent.toml"}};
  for (const std::vector<std::string>& command : commands) {
    const auto start = std::chrono::steady_clock::now();
    const Answer answer = swell(command, {-1, interrupt_after(std::chrono::milliseconds(500))});
    EXPECT_EQ(answer.exit_code, 130) << command[0] << answer.err;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << command[0];
  }
  over = true;
}

TEST_F(random_services, slow_services_and_wrong_certificates_end_with_a_sentence) {
  HttpService slow([&](const std::string&, int) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1300));
    return HttpService::answer(sound(2048));
  });
  EXPECT_EQ(record(slow.url()).exit_code, 3);
  const std::string all = sound(65536);
  HttpService secure(
      [&](const std::string&, int number) {
        return HttpService::answer(all.substr(static_cast<size_t>(number) * 2048, 2048));
      },
      true);
  const Answer unknown = record(secure.url());
  EXPECT_EQ(unknown.exit_code, 3) << unknown.err;
  EXPECT_TRUE(contains(unknown.err, "certificate")) << unknown.err;
  secure.write_certificate(folder_ / "authority.pem");
  EXPECT_EQ(record(secure.url(), "", "authority = \"authority.pem\"\n").exit_code, 0);
}

}  // namespace swell::test
