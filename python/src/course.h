#pragma once

#include <cmath>

#include "options.h"
#include "swell/engine/restarts.h"
#include "watch.h"

namespace swell::python {

// How long a search goes on, and what stops it: options that every search has, and more of its own. With `runs` the
// budget is not looked at, so that a call can set runs where its sampler has a budget.
template <class Search>
Options<Search> search_options(Options<Search> more) {
  Options<Search> all = {{"seed", SWELL_INTO(seed)},
                         {"threads", SWELL_INTO(threads)},
                         {"budget", SWELL_INTO(seconds)},
                         {"runs", SWELL_INTO(runs)},
                         {"target", SWELL_INTO(target)}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

template <class Search>
void read_search(const nb::dict& given, const Options<Search>& all, const char* what, Search& search, Watch& watch) {
  read_options(given, all, what, search, search.threads);
  const bool counted = given.contains("runs");
  if (!(search.seconds >= 0 && search.seconds < 1e12) || (search.seconds == 0 && !counted))
    refuse("budget", search.seconds, "a time above 0 s, or runs=,");
  require_at_least(1, "runs", search.runs);
  if (search.target && std::isnan(*search.target)) refuse("target", *search.target, "a number");
  if (counted) search.seconds = 0;
  search.go_on = [&watch] { return watch.go_on(); };
  search.progress = [&watch](const Progress& at) { return watch.tell("searching", at.done, at.total); };
}

// What every search tells of its course.
inline nb::dict told_of(const SearchCourse& course, const Watch& watch) {
  nb::dict told;
  told["interruption"] = watch.was_interrupted() ? watch.pending() : nb::none();
  told["seconds"] = course.seconds;
  told["seconds_to_best"] = course.seconds_to_best;
  told["runs"] = course.runs;
  told["interrupted"] = course.interrupted;
  return told;
}

}  // namespace swell::python
