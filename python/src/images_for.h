#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "swell/learn/data_set.h"
#include "swell/model/design.h"

namespace swell::python {

// Images for the data group of a design from an array of bytes [images, rows, columns] or of numbers; the embedded
// digits for None. labels: [images], or empty.
DataSet images_for(const Design& design, nanobind::handle array, const std::vector<int>& labels);

}  // namespace swell::python
