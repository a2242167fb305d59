#include "swell/hardware/spice/safe_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "swell/base/errors.h"
#include "swell/hardware/spice/netlist.h"
#include "swell/io/bytes.h"

namespace swell::spice {
namespace {

constexpr std::string_view kElements = "rlckvigfbs";
constexpr std::string_view kMarks = " _.,=+-*/(){}:[]";
// Words behind the names of an element: what an analysis of a source is called, what B sources compute.
constexpr auto kForbidden =
    std::to_array<std::string_view>({"file", "external", "control", "include", "lib", "shell", "system", "spectre",
                                     "script", "csparam", "poly", "codemodel"});
constexpr size_t kMostLine = 65536;

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with && (text.size() == with.size() || text[with.size()] == ' ');
}

void require_words(std::string_view line, const std::string& where) {
  for (const char c : line) {
    const bool known = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
    if (!known)
      throw InputError(fmt::format("{}: the character {} is not allowed in a subcircuit", where,
                                   printable(std::string_view(&c, 1))));
  }
  if (line.find("**") != std::string_view::npos)
    throw InputError(fmt::format("{}: a power (**) is not allowed; write products out", where));
  size_t at = 0;
  while (at < line.size()) {
    size_t end = at;
    while (end < line.size() && (std::isalnum(static_cast<unsigned char>(line[end])) || line[end] == '_')) ++end;
    const std::string_view word = line.substr(at, end - at);
    if (std::ranges::find(kForbidden, word) != kForbidden.end() || word == "pow" || word == "trnoise")
      throw InputError(fmt::format("{}: '{}' is not allowed in a subcircuit", where, word));
    at = end + 1;
  }
}

}  // namespace

std::string safe_subcircuit(std::string_view text, const std::string& name) {
  if (text.size() > kMostNetlistBytes)
    throw InputError(fmt::format("{} has {} bytes; {} are allowed", name, text.size(), kMostNetlistBytes));
  std::string result;
  int64_t number = 0, inside = 0;
  bool defined = false, first = true;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string where = fmt::format("{}:{}", name, ++number);
    if (line.size() > kMostLine)
      throw InputError(
          fmt::format("{}: a line of {} characters is not allowed; {} are", where, line.size(), kMostLine));
    for (char& c : line) {
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      if (c == '\t' || c == '\r') c = ' ';
    }
    const size_t start = line.find_first_not_of(' ');
    if (start == std::string::npos || line[start] == '*') continue;
    line.erase(0, start);
    if (line[0] == '+') {
      if (first) throw InputError(fmt::format("{}: there is no line to go on with", where));
    } else if (begins(line, ".subckt")) {
      if (++inside > 1) throw InputError(fmt::format("{}: one subcircuit is allowed, and none inside it", where));
      defined = defined || begins(line.substr(std::min<size_t>(8, line.size())), kSubcircuit);
    } else if (begins(line, ".ends")) {
      --inside;
    } else if (line[0] == '.') {
      if (!begins(line, ".param") && !(begins(line, ".model") && line.find(" sw(") != std::string::npos))
        throw InputError(
            fmt::format("{}: {} is not allowed in a subcircuit; .subckt, .ends, .param and .model of a "
                        "switch are",
                        where, printable(line)));
    } else if (kElements.find(line[0]) == std::string_view::npos) {
      throw InputError(fmt::format("{}: {} is no element that a machine has; R L C K V I G F B S are allowed", where,
                                   printable(line)));
    }
    require_words(line, where);
    result += line + "\n";
    first = false;
  }
  if (!defined || inside != 0)
    throw InputError(fmt::format("{} does not hold the one subcircuit {}", name, kSubcircuit));
  return result;
}

}  // namespace swell::spice
