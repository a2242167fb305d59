#pragma once

#include <cstdio>
#include <string>

#include "swell/ledger/bill.h"

namespace swell::cmd {

// What the program shows and where: set once by main, before the work begins.
struct Console {
  std::string command;          // as typed, without "swell": "neural train"
  bool quiet = false;           // nothing but warnings and errors
  bool force = false;           // another command's results may be replaced
  std::string folder;           // of the results, once it was claimed; empty for none
  bool json_on_stdout = false;  // then what people read goes to standard error
};
Console& console();

// A line for people; none where they asked for quiet.
void say(const std::string& line);

// The bill for people, a line each.
void say_bill(const Bill& bill);

// A sentence on standard error, behind the program's name.
void warn(const std::string& sentence);

// Writes all of it. Not fmt::print, which throws in the middle of the work where the reader of a pipe has gone.
void put(std::FILE* stream, const std::string& text);

// Columns of the terminal that standard error goes to: what it says itself, else COLUMNS, else 80.
int terminal_columns();

// Standard error is a terminal that understands control sequences.
bool has_live_terminal();

// The text in this colour (an SGR code, "1;31"), where the stream is a terminal and NO_COLOR is not set.
std::string coloured(std::FILE* stream, const char* code, const std::string& text);

}  // namespace swell::cmd
