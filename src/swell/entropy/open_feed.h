#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "swell/entropy/feed.h"
#include "swell/entropy/http_source.h"

namespace swell::entropy {

// A source as people name it:
//   os                    the generator of the operating system
//   tape:FILE             a tape (entropy/tape_file.h)
//   tcp://HOST:PORT       a stream over TCP
//   https://..., http://  a service that answers each request with bytes (entropy/source.h)
//   FILE.toml             a description: one of the above as `source`, and what is known of it
//   FILE                  a file, named pipe or character device
// In a description (docs/entropy.md): source, device, bits_per_symbol, symbol_per_byte, min_entropy (bits per symbol),
// alpha, conditioning ("auto", "none", "sha256"), most_wait ("60s"), and a table [http] with headers, authority,
// request_bytes, every, field, attempts, timeout. Names of files in it are taken from its folder.
struct Description {
  std::string source;
  FeedOptions feed;
  HttpOptions http;
};

// Of a name, or of a description's file. Throws InputError where something in it is not allowed, IoError where the file
// cannot be read.
Description describe_source(const std::string& name);

// The same of a description's text, whose file names it in messages.
Description parse_description(std::string_view text, const std::string& file);

// Throws as above, IoError where the source cannot be opened.
std::unique_ptr<Source> open_source(const Description& description);
std::unique_ptr<Feed> open_feed(const Description& description);

}  // namespace swell::entropy
