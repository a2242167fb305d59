#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "swell/entropy/source.h"

namespace swell::entropy {

// Services that answer each request with some numbers.
struct HttpOptions {
  std::string url;               // http:// or https://; {bytes} in it stands for the size of a request
  std::string headers_file;      // one header a line, such as a key; read when the source is opened, kept nowhere
  std::string authority_file;    // certificates to trust in place of the system's; empty for those
  int64_t request_bytes = 1024;  // asked for at a time, and the most that is taken
  double every_s = 0;            // between two requests at least
  std::string field;      // of a JSON answer, as a JSON pointer ("/data"): a list of numbers from 0 to 255, or text
                          // in hexadecimal or base64; empty for an answer that is the bytes themselves
  int attempts = 6;       // at a request, with longer and longer breaks: after 429, 5xx, and lost connections
  double timeout_s = 30;  // of one of them
};
// Certificates are verified; redirects are refused, since they could carry the headers elsewhere. Throws InputError
// where an option is not allowed, IoError where the file of headers cannot be read.
std::unique_ptr<Source> open_http_source(const HttpOptions& options);

// The bytes in a field of a JSON answer (HttpOptions::field). Throws IoError, naming `service`, where there are none.
std::vector<std::byte> bytes_in_answer(std::string_view answer, const std::string& field, const std::string& service);

}  // namespace swell::entropy
