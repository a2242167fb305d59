#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "swell/cmd/command.h"

namespace swell::cmd {

// --entropy and what belongs to it: random bits from outside in place of those of a seed (entropy/).
void add_random_bits_flags(CLI::App& app, RandomBits& bits, CLI::Option* seed);

// Opens the source that --entropy names, waits for its start-up test and takes the seed from it. Nothing without
// --entropy. Throws InputError, IoError; Interrupted where the user asks while it waits.
void open_random_bits(Common& common, const std::string& command);

// Ends the source: its figures go into the inputs, and where it failed that is told and the exit code is that of a file
// that cannot be read.
void close_random_bits(const Common& common, Result& result);
// How much has come of what was asked for, for a progress line; empty without a source, and of a tape.
std::string coming(const RandomBits& bits);

// Why nothing more came of it; empty where it did not fail.
std::string failure_of(const RandomBits& bits);

}  // namespace swell::cmd
