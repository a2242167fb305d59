#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace swell::circuit {

// A linear board as a netlist has it, subcircuits written out. Node 0 is ground.
enum class Kind { resistor, capacitor, inductor, voltage, current, transconductance, voltage_gain };

struct Element {
  Kind kind = Kind::resistor;
  std::string name;            // "x1.r2" within a subcircuit
  int64_t a = 0, b = 0;        // current flows from a to b through it
  int64_t c = 0, d = 0;        // of controlled sources: the voltage that controls it is v_c - v_d
  double value = 0;            // ohm, F, H, V, A, S, 1
  double kelvin = 0;           // of a resistor: temperature of its noise, 0 for none
  double noise_A2_per_Hz = 0;  // of a current source: one-sided density of white noise in it
};

struct Mutual {
  std::string name;
  int64_t first = 0, second = 0;  // numbers of inductors in `elements`
  double k = 0;                   // -1 < k < 1
};

struct Board {
  std::string title;
  std::vector<std::string> nodes;  // [nodes], "0" first
  std::vector<Element> elements;
  std::vector<Mutual> mutuals;
  double kelvin = 300.15;             // where a resistor says nothing; 27 C as SPICE has it
  std::vector<std::string> left_out;  // cards that describe an analysis, as they were written
};

constexpr size_t kMostBytes = 4 << 20;
constexpr int64_t kMostElements = 20000, kMostNodes = 2000;

// Reads a netlist: the first line is the title; * begins a comment, ; and $ one behind an element, + goes on with the
// line before; names know no case. Elements R L C K V I G E X; cards .subckt .ends .param .temp .options temp= .end;
// numbers with the suffixes t g meg k m u n p f and mil, or expressions of parameters in {} or '' with + - * / and
// parentheses. A resistor has the noise of its temperature, the board's plus dtemp=, unless noisy=0; a current source
// may have noise=, a density in A^2/Hz (ours, not of SPICE). Cards of analyses are left out and named. Throws IoError
// naming file, line, what it says and what is allowed; files are not included, commands are refused.
Board parse_board(std::string_view text, const std::string& name);

// A number as SPICE writes it, "2.2meg", "10uF"; throws std::invalid_argument where it is none.
double spice_number(std::string_view text);

}  // namespace swell::circuit
