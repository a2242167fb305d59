#pragma once

#include <string>
#include <string_view>

namespace swell {

// Numbers as people write them on a command line. Both throw InputError with one clause that has the text in it:
// "1.5 is not a whole number".

// A count as plain digits: 1000, 1e3, 1_000 and 10k (k, M, G: powers of 1000) are understood, exactly and at any size
// that has at most 20 digits. A sign stays.
std::string plain_count(std::string_view text);

// A time in seconds: 250ms, 10s, 2m or 2min, 1h, 1d, 1h30m; also us (or µs) and ns; a bare number is in seconds.
// Zero is a time, a negative number is none.
double seconds_in(std::string_view text);

// A quantity with its unit, as engineers write it: 1pF, 100 mV, 0.5us, 2.2e-12, 1k (f p n u m k M G and meg; a bare
// number is in the unit). `unit`: F, s, V, K, ohm, H ...
double amount_in(std::string_view text, std::string_view unit);

}  // namespace swell
