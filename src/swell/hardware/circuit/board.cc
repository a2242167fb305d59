#include "swell/hardware/circuit/board.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "swell/base/errors.h"
#include "swell/hardware/circuit/expression.h"
#include "swell/io/bytes.h"

namespace swell::circuit {
namespace {

using Parameters = std::map<std::string, double, std::less<>>;

struct Line {
  int64_t number = 0;
  std::string text;
};

struct Subcircuit {
  std::vector<std::string> pins;
  std::vector<std::string> defaults;  // name=value
  std::vector<Line> lines;
};

constexpr int kDeepest = 16;
constexpr size_t kLongestLine = 100000;

// Words, an expression in {} or '' being one, = set apart from spaces around it.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  int depth = 0;
  bool quoted = false;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (const char c : line) {
    if (c == '\'') quoted = !quoted;
    if (c == '{') ++depth;
    if (c == '}') --depth;
    const bool inside = quoted || depth > 0;
    if (!inside && (c == ' ' || c == ',' || c == '(' || c == ')')) {
      end_word();
      continue;
    }
    if (!inside && c == '=') {
      end_word();
      if (!words.empty()) words.back() += '=';
      continue;
    }
    word += c;
  }
  end_word();
  // "name=" takes the word behind it.
  std::vector<std::string> joined;
  for (const std::string& one : words) {
    if (!joined.empty() && joined.back().ends_with('='))
      joined.back() += one;
    else
      joined.push_back(one);
  }
  return joined;
}

class Reader {
 public:
  Reader(std::string_view text, std::string name) : name_(std::move(name)) { take_lines(text); }

  Board read() {
    board_.nodes = {"0"};
    node_numbers_["0"] = node_numbers_["gnd"] = 0;
    std::vector<Line> main;
    collect(main);
    Parameters parameters;
    // Cards that hold for all, wherever they stand.
    for (const Line& line : main) {
      if (line.text.starts_with(".param")) define(line, parameters);
      if (line.text.starts_with(".temp") || line.text.starts_with(".option")) temperature(line, parameters);
    }
    expand(main, "", {}, parameters, 0);
    finish_mutuals();
    if (board_.elements.empty()) throw IoError(name_ + " has no elements");
    return std::move(board_);
  }

 private:
  [[noreturn]] void fail(const Line& line, const std::string& what) const {
    throw IoError(fmt::format("{}:{}: {}", name_, line.number, what));
  }

  void take_lines(std::string_view text) {
    int64_t number = 0;
    while (!text.empty()) {
      const size_t end = text.find('\n');
      std::string line(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++number;
      if (number == 1) {
        for (const char c : line.substr(0, 200)) board_.title += c >= ' ' && c <= '~' ? c : ' ';
        continue;
      }
      for (char& c : line) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (c == '\t' || c == '\r') c = ' ';
        if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > '~')
          fail({number, {}}, fmt::format("{} has a character that is not printable", printable(line)));
      }
      const size_t comment = std::min(line.find(';'), line.find(" $"));
      line = line.substr(0, comment);
      const size_t start = line.find_first_not_of(' ');
      if (start == std::string::npos || line[start] == '*') continue;
      line.erase(line.find_last_not_of(' ') + 1);
      line.erase(0, start);
      if (line.size() > kLongestLine) fail({number, {}}, "the line is too long");
      if (line[0] == '+') {
        if (lines_.empty()) fail({number, {}}, "there is no line to go on with");
        lines_.back().text += " " + line.substr(1);
        if (lines_.back().text.size() > kLongestLine) fail({number, {}}, "the line is too long");
        continue;
      }
      if (line == ".end") return;
      lines_.push_back({number, line});
    }
  }

  // Takes the definitions of subcircuits out; they are all on one level.
  void collect(std::vector<Line>& main) {
    Subcircuit* open = nullptr;
    for (const Line& line : lines_) {
      if (line.text.starts_with(".subckt")) {
        if (open) fail(line, "a subcircuit within a subcircuit is not read; define it outside");
        const std::vector<std::string> words = split(line.text);
        if (words.size() < 2) fail(line, ".subckt needs a name");
        Subcircuit subcircuit;
        for (size_t w = 2; w < words.size(); ++w) {
          if (words[w] == "params:") continue;
          (words[w].find('=') == std::string::npos ? subcircuit.pins : subcircuit.defaults).push_back(words[w]);
        }
        const auto [place, is_new] = subcircuits_.emplace(words[1], std::move(subcircuit));
        if (!is_new) fail(line, fmt::format("the subcircuit {} is there twice", printable(words[1])));
        open = &place->second;
      } else if (line.text.starts_with(".ends")) {
        if (!open) fail(line, ".ends without .subckt");
        open = nullptr;
      } else {
        (open ? open->lines : main).push_back(line);
      }
    }
    if (open) throw IoError(name_ + " ends within a subcircuit: .ends is missing");
  }

  double value_of(const Line& line, std::string text, const Parameters& parameters) const {
    if (text.size() >= 2 &&
        ((text.front() == '{' && text.back() == '}') || (text.front() == '\'' && text.back() == '\'')))
      text = text.substr(1, text.size() - 2);
    try {
      return evaluate(text, parameters);
    } catch (const std::invalid_argument& error) {
      fail(line, fmt::format("{}: {}", printable(text), error.what()));
    }
  }

  void define(const Line& line, Parameters& parameters) const {
    const std::vector<std::string> words = split(line.text);
    for (size_t w = 1; w < words.size(); ++w) assign(line, words[w], parameters, parameters);
  }
  // name=value, the value in terms of `from`.
  void assign(const Line& line, const std::string& word, const Parameters& from, Parameters& to) const {
    const size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size())
      fail(line, fmt::format("{} is not name=value", printable(word)));
    to[word.substr(0, equals)] = value_of(line, word.substr(equals + 1), from);
  }

  void temperature(const Line& line, const Parameters& parameters) {
    const std::vector<std::string> words = split(line.text);
    for (size_t w = 1; w < words.size(); ++w) {
      const bool card = words[0] == ".temp";
      if (!card && !words[w].starts_with("temp=")) continue;
      const double celsius = value_of(line, card ? words[w] : words[w].substr(5), parameters);
      if (!(celsius >= -273.15)) fail(line, fmt::format("{:g} degrees Celsius are below absolute zero", celsius));
      board_.kelvin = celsius + 273.15;
    }
  }

  int64_t node(const Line& line, const std::string& word, const std::string& prefix,
               const std::map<std::string, std::string>& pins) {
    std::string full = word;
    if (word == "0" || word == "gnd") return 0;
    if (const auto pin = pins.find(word); pin != pins.end())
      full = pin->second;
    else
      full = prefix + word;
    if (full == "0" || full == "gnd") return 0;
    const auto [place, is_new] = node_numbers_.emplace(full, static_cast<int64_t>(board_.nodes.size()));
    if (is_new) {
      if (static_cast<int64_t>(board_.nodes.size()) > kMostNodes)
        fail(line, fmt::format("more than {} nodes are not read", kMostNodes));
      board_.nodes.push_back(full);
    }
    return place->second;
  }

  void expand(const std::vector<Line>& lines, const std::string& prefix, const std::map<std::string, std::string>& pins,
              Parameters parameters, int depth) {
    if (depth > kDeepest) throw IoError(fmt::format("{}: subcircuits call each other deeper than {}", name_, kDeepest));
    if (depth > 0) {
      for (const Line& line : lines) {
        if (line.text.starts_with(".param")) define(line, parameters);
      }
    }
    for (const Line& line : lines) {
      if (static_cast<int64_t>(board_.elements.size() + mutuals_.size()) + calls_ > kMostElements)
        fail(line, fmt::format("more than {} elements are not read", kMostElements));
      const std::vector<std::string> words = split(line.text);
      if (words.empty()) continue;
      if (words[0][0] == '.')
        card(line, words[0]);
      else if (words[0][0] == 'x')
        call(line, words, prefix, pins, parameters, depth);
      else
        element(line, words, prefix, pins, parameters);
    }
  }

  void card(const Line& line, const std::string& word) {
    for (const char* known : {".param", ".temp", ".option", ".options"}) {
      if (word == known) return;
    }
    for (const char* analysis : {".tran", ".ac", ".noise", ".op", ".dc", ".save", ".print", ".plot", ".probe", ".meas",
                                 ".measure", ".ic", ".nodeset", ".global"}) {
      if (word != analysis) continue;
      if (board_.left_out.size() < 20) board_.left_out.push_back(line.text.substr(0, 100));
      return;
    }
    fail(line, fmt::format("{} is not read: .subckt, .ends, .param, .temp, .options temp= and .end are; one file holds "
                           "all, and commands are for the simulator that they were written for",
                           printable(word)));
  }

  void call(const Line& line, const std::vector<std::string>& words, const std::string& prefix,
            const std::map<std::string, std::string>& pins, const Parameters& parameters, int depth) {
    ++calls_;
    std::vector<std::string> plain, given;
    for (size_t w = 1; w < words.size(); ++w) {
      if (words[w] != "params:") (words[w].find('=') == std::string::npos ? plain : given).push_back(words[w]);
    }
    if (plain.empty()) fail(line, fmt::format("{} names no subcircuit", printable(words[0])));
    const auto found = subcircuits_.find(plain.back());
    if (found == subcircuits_.end()) fail(line, fmt::format("there is no subcircuit {}", printable(plain.back())));
    const Subcircuit& subcircuit = found->second;
    if (plain.size() - 1 != subcircuit.pins.size())
      fail(line, fmt::format("{} has {} nodes, and the subcircuit {} has {} pins", printable(words[0]),
                             plain.size() - 1, printable(plain.back()), subcircuit.pins.size()));
    std::map<std::string, std::string> inner_pins;
    for (size_t p = 0; p + 1 < plain.size(); ++p)
      inner_pins[subcircuit.pins[p]] = board_.nodes[static_cast<size_t>(node(line, plain[p], prefix, pins))];
    Parameters inner = parameters;
    for (const std::string& word : subcircuit.defaults) assign(line, word, inner, inner);
    for (const std::string& word : given) assign(line, word, parameters, inner);
    expand(subcircuit.lines, prefix + words[0] + ".", inner_pins, std::move(inner), depth + 1);
  }

  void element(const Line& line, const std::vector<std::string>& words, const std::string& prefix,
               const std::map<std::string, std::string>& pins, const Parameters& parameters) {
    Element e;
    e.name = prefix + words[0];
    if (!names_.insert(e.name).second) fail(line, fmt::format("{} is there twice", printable(e.name)));
    std::vector<std::string> plain;
    Parameters options;
    for (size_t w = 1; w < words.size(); ++w) {
      if (words[w].find('=') == std::string::npos)
        plain.push_back(words[w]);
      else
        assign(line, words[w], parameters, options);
    }
    if (words[0][0] == 'k') {
      if (plain.size() != 3) fail(line, fmt::format("{} needs two inductors and a number", printable(words[0])));
      mutuals_.push_back({line, e.name, prefix + plain[0], prefix + plain[1], value_of(line, plain[2], parameters)});
      return;
    }
    const size_t nodes = words[0][0] == 'g' || words[0][0] == 'e' ? 4 : 2;
    switch (words[0][0]) {
      case 'r':
        e.kind = Kind::resistor;
        break;
      case 'c':
        e.kind = Kind::capacitor;
        break;
      case 'l':
        e.kind = Kind::inductor;
        break;
      case 'v':
        e.kind = Kind::voltage;
        break;
      case 'i':
        e.kind = Kind::current;
        break;
      case 'g':
        e.kind = Kind::transconductance;
        break;
      case 'e':
        e.kind = Kind::voltage_gain;
        break;
      default:
        fail(line, fmt::format("{} is no element of a linear board; R L C K V I G E X are read", printable(words[0])));
    }
    if (plain.size() < nodes) fail(line, fmt::format("{} needs {} nodes", printable(words[0]), nodes));
    e.a = node(line, plain[0], prefix, pins);
    e.b = node(line, plain[1], prefix, pins);
    if (nodes == 4) {
      e.c = node(line, plain[2], prefix, pins);
      e.d = node(line, plain[3], prefix, pins);
    }
    e.value = element_value(line, e, {plain.begin() + static_cast<int64_t>(nodes), plain.end()}, parameters);
    apply(line, e, options);
    board_.elements.push_back(std::move(e));
  }

  double element_value(const Line& line, const Element& e, std::vector<std::string> words,
                       const Parameters& parameters) const {
    const bool source = e.kind == Kind::voltage || e.kind == Kind::current;
    if (source) {
      // dc and a number; ac is for another analysis.
      double value = 0;
      for (size_t w = 0; w < words.size(); ++w) {
        if (words[w] == "dc") continue;
        if (words[w] == "ac") break;
        if (std::isalpha(static_cast<unsigned char>(words[w][0])) && parameters.find(words[w]) == parameters.end())
          fail(line, fmt::format("{}: {} is no constant, and sources are", printable(e.name), printable(words[w])));
        value = value_of(line, words[w], parameters);
      }
      return value;
    }
    if (words.size() != 1) fail(line, fmt::format("{} needs one value", printable(e.name)));
    const double value = value_of(line, words[0], parameters);
    const bool passive = e.kind == Kind::capacitor || e.kind == Kind::inductor;
    if ((e.kind == Kind::resistor && value == 0) || (passive && !(value > 0)))
      fail(line, fmt::format("{} is {:g}; allowed is what is above 0{}", printable(e.name), value,
                             passive ? "" : ", or below it for a negative resistance"));
    return value;
  }

  void apply(const Line& line, Element& e, const Parameters& options) const {
    if (e.kind == Kind::resistor && e.value > 0) e.kelvin = board_.kelvin;
    for (const auto& [key, value] : options) {
      if (e.kind == Kind::resistor && key == "dtemp") {
        e.kelvin += value;
      } else if (e.kind == Kind::resistor && key == "noisy") {
        if (value == 0) e.kelvin = 0;
      } else if (e.kind == Kind::current && key == "noise") {
        e.noise_A2_per_Hz = value;
      } else if (key != "ic") {
        fail(line,
             fmt::format("{}= is no property of {} that is read: of resistors dtemp and noisy are, of current sources "
                         "noise",
                         printable(key), printable(e.name)));
      }
    }
    if (!(e.kelvin >= 0) || !(e.noise_A2_per_Hz >= 0))
      fail(line, fmt::format("the noise of {} is below zero", printable(e.name)));
  }

  void finish_mutuals() {
    std::map<std::string, int64_t> inductors;
    for (size_t k = 0; k < board_.elements.size(); ++k) {
      if (board_.elements[k].kind == Kind::inductor) inductors[board_.elements[k].name] = static_cast<int64_t>(k);
    }
    for (const Pair& pair : mutuals_) {
      const auto first = inductors.find(pair.first), second = inductors.find(pair.second);
      if (first == inductors.end() || second == inductors.end() || first == second)
        fail(pair.line, fmt::format("{} couples {} and {}, which are not two inductors", printable(pair.name),
                                    printable(pair.first), printable(pair.second)));
      if (!(std::abs(pair.k) < 1))
        fail(pair.line, fmt::format("{} is {:g}; allowed is between -1 and 1", pair.name, pair.k));
      board_.mutuals.push_back({pair.name, first->second, second->second, pair.k});
    }
  }

  struct Pair {
    Line line;
    std::string name, first, second;
    double k = 0;
  };
  std::string name_;
  std::vector<Line> lines_;
  std::map<std::string, Subcircuit> subcircuits_;
  std::map<std::string, int64_t> node_numbers_;
  std::set<std::string> names_;
  std::vector<Pair> mutuals_;
  int64_t calls_ = 0;
  Board board_;
};

}  // namespace

Board parse_board(std::string_view text, const std::string& name) {
  if (text.size() > kMostBytes)
    throw IoError(fmt::format("{} has {} bytes; {} are read", name, text.size(), kMostBytes));
  return Reader(text, name).read();
}

}  // namespace swell::circuit
