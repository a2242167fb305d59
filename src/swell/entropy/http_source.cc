#include "swell/entropy/http_source.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/base64.h"
#include "swell/io/bytes.h"

namespace swell::entropy {

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr size_t kHeaderFileBytes = 1 << 16;
constexpr size_t kAnswerSlack = 1 << 12;  // around the numbers of an answer
constexpr size_t kBytesPerNumber = 8;     // of a list of numbers as text, at the most
constexpr double kFirstBreak_s = 0.5, kLongestBreak_s = 60;

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) throw IoError("the HTTP library does not start");
  });
}

// A failure that another attempt may mend, and how long to wait at least before it.
struct Passing {
  std::string why;
  double wait_s = 0;
};

class HttpSource : public Source {
 public:
  explicit HttpSource(const HttpOptions& options) : options_(options), least_wait_s_(options.every_s) {
    const bool secure = options.url.starts_with("https://");
    if (!secure && !options.url.starts_with("http://"))
      throw InputError(fmt::format("{}: an address begins with https:// or http://", options.url));
    if (options.url.find('@') < options.url.find('/', 8) && options.url.find('@') != std::string::npos)
      throw InputError("an address holds no password; credentials are headers, in a file");
    if (options.request_bytes < 1 || options.request_bytes > (1 << 24))
      throw InputError(fmt::format("{} bytes a request are not allowed; 1 to 2^24 are", options.request_bytes));
    if (options.attempts < 1 || options.attempts > 1000)
      throw InputError(fmt::format("{} attempts are not allowed; 1 to 1000 are", options.attempts));
    start_curl();
    handle_ = curl_easy_init();
    if (!handle_) throw IoError("the HTTP library does not start");
    if (!options.headers_file.empty()) read_headers(options.headers_file);
    std::string url = options.url;
    if (const size_t at = url.find("{bytes}"); at != std::string::npos)
      url.replace(at, 7, fmt::format("{}", options.request_bytes));
    curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(handle_, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, static_cast<long>(1000 * options.timeout_s));
    curl_easy_setopt(handle_, CURLOPT_USERAGENT, "swell");
    curl_easy_setopt(handle_, CURLOPT_ERRORBUFFER, error_);
    if (!options.authority_file.empty()) curl_easy_setopt(handle_, CURLOPT_CAINFO, options.authority_file.c_str());
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, &HttpSource::take);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, this);
  }
  ~HttpSource() override {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(handle_);
  }
  HttpSource(const HttpSource&) = delete;
  HttpSource& operator=(const HttpSource&) = delete;

  int64_t read(std::span<std::byte> into, std::chrono::milliseconds patience) override {
    if (ready_.empty() && !ask_again(patience)) return 0;
    const size_t count = std::min(into.size(), ready_.size());
    std::copy_n(ready_.begin(), count, into.begin());
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<int64_t>(count));
    return static_cast<int64_t>(count);
  }
  bool ended() const override { return false; }
  std::string name() const override {
    return options_.url.substr(0, options_.url.find('?'));  // what follows may be a key
  }

 private:
  void read_headers(const std::string& path) {
    const std::vector<std::byte> bytes = read_file(path, kHeaderFileBytes);
    std::string_view text = as_text(bytes);
    while (!text.empty()) {
      const size_t end = text.find('\n');
      std::string line(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
      if (line.empty()) continue;
      if (line.find(':') == std::string::npos) throw InputError(fmt::format("{}: a header is NAME: VALUE", path));
      headers_ = curl_slist_append(headers_, line.c_str());
    }
  }

  // One request when its time has come; false where that is later than `patience`.
  bool ask_again(std::chrono::milliseconds patience) {
    const auto now = Clock::now();
    if (now < next_) {
      std::this_thread::sleep_for(std::min<Clock::duration>(patience, next_ - now));
      if (Clock::now() < next_) return false;
    }
    next_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(least_wait_s_));
    try {
      ask();
      failures_ = 0;
      return !ready_.empty();
    } catch (const Passing& passing) {
      if (++failures_ >= options_.attempts)
        throw IoError(fmt::format("{}: {}, {} times one after another", name(), passing.why, failures_));
      const double pause =
          std::max(passing.wait_s, std::min(kLongestBreak_s, std::ldexp(kFirstBreak_s, failures_ - 1)));
      next_ = std::max(next_, Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(pause)));
      return false;
    }
  }

  void ask() {
    answer_.clear();
    too_long_ = false;
    error_[0] = 0;
    const CURLcode code = curl_easy_perform(handle_);
    if (too_long_)
      throw IoError(fmt::format("{}: an answer of more than {} bytes to a request for {}", name(), answer_.size(),
                                options_.request_bytes));
    const auto why = [&] { return error_[0] ? std::string(error_) : std::string(curl_easy_strerror(code)); };
    switch (code) {
      case CURLE_OK:
        break;
      case CURLE_PARTIAL_FILE:
        throw Passing{"the answer was cut short", 0};
      case CURLE_OPERATION_TIMEDOUT:
      case CURLE_COULDNT_CONNECT:
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
      case CURLE_GOT_NOTHING:
        throw Passing{why(), 0};
      default:  // a certificate that is not right, a name that is unknown: no attempt mends them
        throw IoError(fmt::format("{}: {}", name(), why()));
    }
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    curl_off_t retry_s = 0;
    curl_easy_getinfo(handle_, CURLINFO_RETRY_AFTER, &retry_s);
    if (status == 429 || status >= 500)
      throw Passing{fmt::format("the service answered {}", status), std::min(static_cast<double>(retry_s), 3600.0)};
    if (status >= 300 && status < 400) {
      const char* to = nullptr;
      curl_easy_getinfo(handle_, CURLINFO_REDIRECT_URL, &to);
      const std::string target =
          to ? printable(std::string_view(to).substr(0, std::string_view(to).find('?'))) : "elsewhere";
      throw IoError(fmt::format("{} redirects to {}; give that address, if it is to be trusted", name(), target));
    }
    if (status != 200) throw IoError(fmt::format("{}: the service answered {}", name(), status));
    const char* type = nullptr;
    curl_easy_getinfo(handle_, CURLINFO_CONTENT_TYPE, &type);
    take_answer(type ? type : "");
  }

  void take_answer(std::string_view type) {
    if (options_.field.empty()) {
      if (type.starts_with("text/") || type.starts_with("application/json")) {
        throw IoError(fmt::format("{}: the answer is {}, not bytes; a field of a JSON answer is named by 'field'",
                                  name(), printable(type)));
      }
      ready_.insert(ready_.end(), answer_.begin(), answer_.end());
    } else {
      const std::vector<std::byte> numbers = bytes_in_answer(as_text(answer_), options_.field, name());
      ready_.insert(ready_.end(), numbers.begin(), numbers.end());
    }
    if (static_cast<int64_t>(ready_.size()) > options_.request_bytes)
      throw IoError(
          fmt::format("{}: {} bytes in answer to a request for {}", name(), ready_.size(), options_.request_bytes));
    if (ready_.empty()) throw Passing{"the answer holds no numbers", 0};
  }

  static size_t take(char* data, size_t one, size_t count, void* self) {
    auto& source = *static_cast<HttpSource*>(self);
    const size_t most = kAnswerSlack + kBytesPerNumber * static_cast<size_t>(source.options_.request_bytes);
    if (source.answer_.size() + one * count > most) {
      source.too_long_ = true;
      return 0;
    }
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    source.answer_.insert(source.answer_.end(), bytes, bytes + one * count);
    return one * count;
  }

  HttpOptions options_;
  double least_wait_s_;
  CURL* handle_ = nullptr;
  curl_slist* headers_ = nullptr;
  char error_[CURL_ERROR_SIZE] = {};
  std::vector<std::byte> answer_;
  std::deque<std::byte> ready_;
  bool too_long_ = false;
  int failures_ = 0;
  Clock::time_point next_ = Clock::now();
};

}  // namespace

std::vector<std::byte> bytes_in_answer(std::string_view answer, const std::string& field, const std::string& service) {
  const auto refuse = [&](const std::string& what) { return IoError(fmt::format("{}: {}", service, what)); };
  const nlohmann::json json = nlohmann::json::parse(answer, nullptr, false);
  if (json.is_discarded()) throw refuse("the answer is not JSON");
  nlohmann::json value;
  try {
    value = json.at(nlohmann::json::json_pointer(field));
  } catch (const nlohmann::json::exception&) {
    throw refuse(fmt::format("the answer has no field {}", field));
  }
  std::vector<std::byte> bytes;
  if (value.is_array()) {
    for (const auto& number : value) {
      if (!number.is_number_integer() || number.get<int64_t>() < 0 || number.get<int64_t>() > 255) {
        throw refuse(fmt::format("field {} holds {}; whole numbers from 0 to 255 are allowed", field,
                                 printable(number.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace))));
      }
      bytes.push_back(static_cast<std::byte>(number.get<int64_t>()));
    }
    return bytes;
  }
  if (!value.is_string()) throw refuse(fmt::format("field {} is neither a list of numbers nor text", field));
  const auto text = value.get<std::string>();
  const bool hexadecimal =
      text.size() % 2 == 0 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!hexadecimal) {
    std::optional<std::vector<std::byte>> decoded = decode_base64(text);
    if (!decoded) throw refuse(fmt::format("field {} is neither hexadecimal nor base64", field));
    return std::move(*decoded);
  }
  for (size_t k = 0; k < text.size(); k += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(text.substr(k, 2), nullptr, 16)));
  return bytes;
}

std::unique_ptr<Source> open_http_source(const HttpOptions& options) { return std::make_unique<HttpSource>(options); }

}  // namespace swell::entropy
