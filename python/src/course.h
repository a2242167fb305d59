#pragma once

#include "swell/engine/restarts.h"
#include "watch.h"

namespace swell::python {

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
