#include "swell/entropy/open_feed.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "swell/base/errors.h"
#include "swell/entropy/tape_file.h"
#include "swell/entropy/tcp_source.h"
#include "swell/io/test_folder.h"

namespace swell::entropy {

TEST(open_feed, a_description_sets_what_it_says) {
  const test::TestFolder folder;
  std::ofstream(folder / "lab.toml") << R"(source = "https://qrng.example/api?n={bytes}"
device = "number 7"
bits_per_symbol = 4
min_entropy = 3.5
alpha = 1e-6
conditioning = "none"
most_wait = "2m"
[http]
headers = "key.txt"
request_bytes = 512
every = "1s"
field = "/data/bits"
attempts = 9
timeout = "5s"
)";
  const Description lab = describe_source((folder / "lab.toml").string());
  EXPECT_EQ(lab.http.url, "https://qrng.example/api?n={bytes}");
  EXPECT_EQ(lab.feed.device, "number 7");
  EXPECT_EQ(lab.feed.health.bits_per_symbol, 4);
  EXPECT_EQ(lab.feed.health.min_entropy, 3.5);
  EXPECT_EQ(lab.feed.conditioning, Conditioning::none);
  EXPECT_EQ(lab.feed.most_wait_s, 120);
  EXPECT_EQ(lab.http.headers_file, (folder / "key.txt").string());
  EXPECT_EQ(lab.http.request_bytes, 512);
  EXPECT_EQ(lab.http.every_s, 1);
  EXPECT_EQ(lab.http.field, "/data/bits");
  EXPECT_EQ(lab.http.attempts, 9);
  EXPECT_EQ(lab.http.timeout_s, 5);
  std::ofstream(folder / "pipe.toml") << "source = \"device\"\nbits_per_symbol = 1\n";
  const Description pipe = describe_source((folder / "pipe.toml").string());
  EXPECT_EQ(pipe.source, (folder / "device").string());
  EXPECT_EQ(pipe.feed.health.min_entropy, 1);
}

TEST(open_feed, a_mistyped_address_is_not_taken_for_a_file) {
  for (const char* name :
       {"htps://qrng.example", "tpc://localhost:1", "tcp:localhost:1", "https:/qrng.example", "HTTP://x", "ftp://x"}) {
    try {
      describe_source(name);
      ADD_FAILURE() << name;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("names no source"), std::string::npos) << error.what();
    }
  }
  for (const char* name : {"os", "tcp://localhost:1", "http://x", "https://x:80/?a=b://c", "tape:a.tape", "./htps://x",
                           "/dev/serial/by-path/pci-0:1", "a:b"})
    EXPECT_EQ(describe_source(name).source, name);
}

TEST(open_feed, what_a_description_may_not_say_is_named) {
  const test::TestFolder folder;
  const std::string file = (folder / "x.toml").string();
  const auto refused = [&](const std::string& text, const std::string& part) {
    std::ofstream(file) << text;
    try {
      describe_source(file);
      ADD_FAILURE() << part;
    } catch (const std::exception& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  refused("", "'source' is missing");
  refused("source = 3", "a text in quotes");
  refused("source = \"os\"\nsorce = 1", "sorce");
  refused("source = \"os\"\nbits_per_symbol = 9", "1 to 8");
  refused("source = \"os\"\nconditioning = \"md5\"", "sha256");
  refused("source = \"os\"\nmost_wait = \"soon\"", "most_wait");
  refused("source = \"other.toml\"", "another description");
  refused("source = \"tape:x\"", "is a tape");
  refused("source = \"http://x\"\n[http]\nfield = \"data\"", "begins with /");
  refused("source = \"http://x\"\n[http]\nkey = \"secret\"", "key");
  refused("source = ", "not valid TOML");
}

// Its header would be taken for random bits.
TEST(open_feed, a_tape_is_not_taken_for_plain_bytes) {
  const test::TestFolder folder;
  const std::string tape = (folder / "x.tape").string();
  std::ofstream(tape, std::ios::binary) << tape_header({}) << "bytes";
  EXPECT_TRUE(is_tape(tape));
  EXPECT_FALSE(is_tape(folder / "none"));
  try {
    open_source(describe_source(tape));
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("write tape:" + tape), std::string::npos) << error.what();
  }
}

TEST(open_feed, addresses_are_checked_before_anything_is_sent) {
  HttpOptions options;
  options.url = "ftp://example";
  EXPECT_THROW(open_http_source(options), InputError);
  options.url = "https://name:password@example/";
  EXPECT_THROW(open_http_source(options), InputError);
  options.url = "https://example/a@b";
  EXPECT_NO_THROW(open_http_source(options));
  EXPECT_EQ(open_http_source(options)->name(), "https://example/a@b");
  for (const char* url : {"http://", "https://example/a b", "https://exa mple/"}) {
    options.url = url;
    EXPECT_THROW(open_http_source(options), InputError) << url;
  }
  options.url = "https://example/bits?key=a#b";
  EXPECT_EQ(open_http_source(options)->name(), "https://example/bits");
  options.field = "/~2";
  EXPECT_THROW(open_http_source(options), InputError);
  options.field = "";
  options.authority_file = "no such file";
  EXPECT_THROW(open_http_source(options), IoError);
  for (const char* address : {"nowhere", "127.0.0.1:0", "127.0.0.1:65537", "127.0.0.1:99999999999", "127.0.0.1:http"})
    EXPECT_THROW(open_tcp_source(address, std::chrono::milliseconds(10)), InputError) << address;
  EXPECT_THROW(open_tcp_source("127.0.0.1:1", std::chrono::milliseconds(100)), IoError);
}

}  // namespace swell::entropy
