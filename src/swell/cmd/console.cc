#include "swell/cmd/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "swell/cmd/progress.h"

namespace swell::cmd {

namespace {

constexpr int kUsualColumns = 80;

bool understands_control(std::FILE* stream) {
  const char* const kind = std::getenv("TERM");
  return isatty(fileno(stream)) != 0 && !(kind && std::string_view(kind) == "dumb");
}

}  // namespace

Console& console() {
  static Console console;
  return console;
}

void put(std::FILE* stream, const std::string& text) { std::fwrite(text.data(), 1, text.size(), stream); }

void say(const std::string& line) {
  if (console().quiet) return;
  clear_progress();
  put(console().json_on_stdout ? stderr : stdout, line + "\n");
}

void say_bill(const Bill& bill) {
  for (const std::string& line : bill_lines(bill)) say(line);
}

void warn(const std::string& sentence) {
  clear_progress();
  put(stderr, coloured(stderr, "1;31", "swell:") + " " + sentence + "\n");
}

int terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  if (const char* const columns = std::getenv("COLUMNS")) {
    if (const int count = std::atoi(columns); count > 0) return count;
  }
  return kUsualColumns;
}

bool has_live_terminal() { return understands_control(stderr); }

std::string coloured(std::FILE* stream, const char* code, const std::string& text) {
  const char* const refused = std::getenv("NO_COLOR");
  if ((refused && *refused) || !understands_control(stream)) return text;
  return std::string("\033[") + code + "m" + text + "\033[0m";
}

}  // namespace swell::cmd
