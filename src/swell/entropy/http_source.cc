#include "swell/entropy/http_source.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "swell/base/errors.h"
#include "swell/base/lower_case.h"
#include "swell/io/atomic_file.h"
#include "swell/io/base64.h"
#include "swell/io/bytes.h"
#include "swell/io/file_kind.h"
#include "swell/io/json.h"

namespace swell::entropy {

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr size_t kHeaderFileBytes = 1 << 16, kAuthorityFileBytes = 1 << 24;
constexpr size_t kAnswerSlack = 1 << 12;  // around the numbers of an answer
constexpr size_t kBytesPerNumber = 8;     // of a list of numbers as text, at the most
constexpr double kFirstBreak_s = 0.5, kLongestBreak_s = 60;

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) throw IoError("the HTTP library does not start");
  });
}

struct CurlHandle {
  CURL* const curl = (start_curl(), curl_easy_init());
  CurlHandle() {
    if (!curl) throw IoError("the HTTP library does not start");
  }
  ~CurlHandle() { curl_easy_cleanup(curl); }
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;
  operator CURL*() const { return curl; }
};
struct CurlRequests {
  CURLM* const curl = (start_curl(), curl_multi_init());
  CurlRequests() {
    if (!curl) throw IoError("the HTTP library does not start");
  }
  ~CurlRequests() { curl_multi_cleanup(curl); }
  CurlRequests(const CurlRequests&) = delete;
  CurlRequests& operator=(const CurlRequests&) = delete;
  operator CURLM*() const { return curl; }
};

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

// An address as it may be shown: what follows a ? may be a key, what stands before an @ a password.
std::string without_secrets(std::string_view address) {
  std::string text(address.substr(0, address.find_first_of("?#")));
  const size_t host = text.find("://") == std::string::npos ? 0 : text.find("://") + 3;
  const size_t at = text.rfind('@', text.find('/', host));
  if (at != std::string::npos && at >= host) text.erase(host, at + 1 - host);
  return text;
}

void check_address(const std::string& url) {
  CURLU* const parts = curl_url();
  const CURLUcode code = curl_url_set(parts, CURLUPART_URL, url.c_str(), 0);
  curl_url_cleanup(parts);
  if (code != CURLUE_OK)
    throw InputError(
        fmt::format("'{}' is no address: {}; one is https://HOST/PATH", without_secrets(url), curl_url_strerror(code)));
}

void check_pointer(const std::string& field) {
  try {
    const nlohmann::json::json_pointer refuses_what_is_none(field);
  } catch (const nlohmann::json::exception&) {
    throw InputError(
        fmt::format("field is '{}'; a JSON pointer is needed, such as /data (~ is written ~0, / in a name ~1)", field));
  }
}

// Whether an answer of this type can be random bytes. Services name them in many ways, and pages that stand in the way
// of one (a login, an error) have types of their own.
bool may_be_bytes(std::string_view type) {
  const std::string lower = lower_case(type.substr(0, type.find(';')));
  constexpr std::array kKinds{"text/", "image/", "audio/", "video/", "font/", "model/", "message/", "multipart/"};
  constexpr std::array kParts{"json", "xml", "html", "script", "yaml", "pdf", "zip", "urlencoded"};
  return std::ranges::none_of(kKinds, [&](const char* kind) { return lower.starts_with(kind); }) &&
         std::ranges::none_of(kParts, [&](const char* part) { return lower.find(part) != std::string::npos; });
}

// A failure that another attempt may mend, and how long to wait at least before it.
struct Passing {
  std::string why;
  double wait_s = 0;
};

class HttpSource : public Source {
 public:
  explicit HttpSource(const HttpOptions& options) : options_(options) {
    const bool secure = options.url.starts_with("https://");
    if (!secure && !options.url.starts_with("http://"))
      throw InputError(fmt::format("{}: an address begins with https:// or http://", options.url));
    if (options.url.find('@') < options.url.find('/', 8) && options.url.find('@') != std::string::npos)
      throw InputError("an address holds no password; credentials are headers, in a file");
    check_pointer(options.field);
    if (options.request_bytes < 1 || options.request_bytes > (1 << 24))
      throw InputError(fmt::format("{} bytes a request are not allowed; 1 to 2^24 are", options.request_bytes));
    if (options.attempts < 1 || options.attempts > 1000)
      throw InputError(fmt::format("{} attempts are not allowed; 1 to 1000 are", options.attempts));
    std::string url = options.url;
    if (const size_t at = url.find("{bytes}"); at != std::string::npos)
      url.replace(at, 7, fmt::format("{}", options.request_bytes));
    start_curl();
    check_address(url);
    if (!options.headers_file.empty()) read_headers(options.headers_file);
    if (!options.authority_file.empty())
      read_file(options.authority_file, kAuthorityFileBytes);  // refused now, not later
    curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(handle_, CURLOPT_ACCEPT_ENCODING, "");  // what comes compressed is unpacked, never taken for bits
    curl_easy_setopt(handle_, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(most_of_an_answer()));
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
    if (asked_) curl_multi_remove_handle(requests_, handle_);
    curl_slist_free_all(headers_);
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
  std::string name() const override { return without_secrets(options_.url); }

 private:
  void read_headers(const std::string& path) {
    const std::vector<std::byte> bytes = read_file(path, kHeaderFileBytes);
    std::string_view text = without_bom(as_text(bytes));
    int64_t number = 0;
    while (!text.empty()) {
      const size_t end = text.find('\n');
      std::string line(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++number;
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.pop_back();
      if (line.empty()) continue;
      if (line.find(':') == std::string::npos || line.front() == ':' || std::ranges::any_of(line, is_control))
        throw InputError(fmt::format("{}:{}: this is no header; one is NAME: VALUE", path, number));
      headers_ = curl_slist_append(headers_, line.c_str());
    }
  }

  // The next request where its time has come, or what has become of the one under way; false where that takes longer
  // than `patience`.
  bool ask_again(std::chrono::milliseconds patience) {
    const auto until = Clock::now() + patience;
    if (!asked_ && Clock::now() < next_) {
      std::this_thread::sleep_for(std::min<Clock::duration>(patience, next_ - Clock::now()));
      if (Clock::now() < next_) return false;
    }
    try {
      if (!asked_) ask();
      const std::optional<CURLcode> code = answered(until);
      if (!code) return false;
      take_response(*code);
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
    next_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(options_.every_s));
    answer_.clear();
    too_long_ = false;
    error_[0] = 0;
    if (curl_multi_add_handle(requests_, handle_) != CURLM_OK) throw IoError("the HTTP library does not start");
    asked_ = true;
  }

  // How the request under way ended; nothing while it goes on.
  std::optional<CURLcode> answered(Clock::time_point until) {
    while (true) {
      int under_way = 0;
      const CURLMcode state = curl_multi_perform(requests_, &under_way);
      if (state != CURLM_OK) throw IoError(fmt::format("{}: {}", name(), curl_multi_strerror(state)));
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(requests_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;
        curl_multi_remove_handle(requests_, handle_);
        asked_ = false;
        return code;
      }
      const auto left_ms = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
      if (left_ms <= 0) return std::nullopt;
      curl_multi_poll(requests_, nullptr, 0, static_cast<int>(left_ms), nullptr);
    }
  }

  void take_response(CURLcode code) {
    if (too_long_ || code == CURLE_FILESIZE_EXCEEDED)
      throw IoError(fmt::format("{}: an answer of more than {} bytes to a request for {}", name(), most_of_an_answer(),
                                options_.request_bytes));
    const auto why = [&] {
      std::string text = error_[0] ? error_ : curl_easy_strerror(code);
      while (text.ends_with(' ')) text.pop_back();
      return text;
    };
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
      throw IoError(fmt::format("{} redirects to {}; give that address, if it is to be trusted", name(),
                                to ? printable(without_secrets(to)) : "elsewhere"));
    }
    if (status != 200) throw IoError(fmt::format("{}: the service answered {}", name(), status));
    const char* type = nullptr;
    curl_easy_getinfo(handle_, CURLINFO_CONTENT_TYPE, &type);
    take_answer(type ? type : "");
  }

  void take_answer(std::string_view type) {
    if (options_.field.empty()) {
      if (!may_be_bytes(type)) {
        throw IoError(fmt::format(
            "{}: the answer is {}, not bytes (application/octet-stream); a field of a JSON answer is named by 'field'",
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
    if (source.answer_.size() + one * count > source.most_of_an_answer()) {
      source.too_long_ = true;
      return 0;
    }
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    source.answer_.insert(source.answer_.end(), bytes, bytes + one * count);
    return one * count;
  }

  size_t most_of_an_answer() const {
    return kAnswerSlack + kBytesPerNumber * static_cast<size_t>(options_.request_bytes);
  }

  HttpOptions options_;
  CurlRequests requests_;
  CurlHandle handle_;
  bool asked_ = false;  // the handle is among the requests
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
        throw refuse(fmt::format("field {} holds {}; whole numbers from 0 to 255 are allowed", field, shown(number)));
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
