#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace swell {

// What a user can be told. Each message is one sentence: what was wrong, the value got, the values allowed, where.
// The program's exit code is kept with the type, so that the command line never guesses it.

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
  virtual int exit_code() const = 0;
};

// The user's input is wrong (a design, an option, a shape). Exit code 2.
struct InputError : Error {
  using Error::Error;
  int exit_code() const override { return 2; }
};

// A file cannot be read or written, or is not what it claims to be. Exit code 3.
struct IoError : Error {
  using Error::Error;
  int exit_code() const override { return 3; }
};

// The state became infinite or NaN. Exit code 4.
struct Diverged : Error {
  Diverged(int64_t trajectory, int64_t step, int64_t unit, double dt);
  int exit_code() const override { return 4; }

  int64_t trajectory;  // index in the run, from 0
  int64_t step;        // global step whose update gave the non-finite value, from 0
  int64_t unit;        // index of the first non-finite unit
  double dt;           // the step's length, units of 1/mu
};

// The work ran, but what was asked for was not reached within what it may take. Exit code 5.
struct ToleranceMissed : Error {
  using Error::Error;
  int exit_code() const override { return 5; }
};

// The caller asked for the work to stop (Ctrl-C). Exit code 130, as shells report an interrupt.
struct Interrupted : Error {
  using Error::Error;
  int exit_code() const override { return 130; }
};

}  // namespace swell
