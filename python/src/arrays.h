#pragma once

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "swell/base/errors.h"
#include "swell/model/matrix.h"

// Arrays across the border. What comes in is laid out by Python beforehand (swell/_arrays.py): row-major, of one type.
// What goes out is a view of memory that a C++ object owns.
namespace swell::python {

namespace nb = nanobind;

template <class T, size_t kDimensions>
using In = nb::ndarray<const T, nb::ndim<kDimensions>, nb::c_contig, nb::device::cpu>;
template <class T>
using Out = nb::ndarray<nb::numpy, T>;

template <class T, class... Shape>
std::vector<T> to_vector(const nb::ndarray<const T, Shape...>& array) {
  return {array.data(), array.data() + array.size()};
}

inline Matrix to_matrix(const In<double, 2>& array) {
  Matrix matrix(static_cast<int64_t>(array.shape(0)), static_cast<int64_t>(array.shape(1)));
  std::copy(array.data(), array.data() + array.size(), matrix.values.begin());
  return matrix;
}

// Reads the parts of a pickle, which hands may have made. Throws InputError where there are not so many, or one is of
// another type.
template <class Read>
void read_pickle(const nb::tuple& state, size_t least, size_t most, Read&& read) {
  if (nb::len(state) < least || nb::len(state) > most)
    throw InputError(fmt::format("a pickle of {} parts; {} are needed", nb::len(state), least));
  try {
    read();
  } catch (const nb::cast_error&) {
    throw InputError("a part of this pickle is of another type than was written");
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_TypeError) && !error.matches(PyExc_LookupError)) throw;
    throw InputError("a part of this pickle is of another type than was written");
  }
}

// A class whose properties may be arrays, which say themselves who keeps their memory.
template <class T>
class Class {
 public:
  Class(nb::handle scope, const char* name) : class_(scope, name) {}
  template <class... Rest>
  Class& def(Rest&&... rest) {
    class_.def(std::forward<Rest>(rest)...);
    return *this;
  }
  template <class... Rest>
  Class& def_static(Rest&&... rest) {
    class_.def_static(std::forward<Rest>(rest)...);
    return *this;
  }
  template <class... Rest>
  Class& def_ro(Rest&&... rest) {
    class_.def_ro(std::forward<Rest>(rest)...);
    return *this;
  }
  template <class Get, class... Rest>
  Class& def_prop_ro(const char* name, Get&& get, const Rest&... rest) {
    class_.def_prop_ro(name, std::forward<Get>(get), nb::rv_policy::automatic, rest...);
    return *this;
  }

 private:
  nb::class_<T> class_;
};

// A read-only view of memory that the object `owner` keeps.
template <class T>
Out<const T> view(const T* values, std::initializer_list<int64_t> shape, nb::handle owner,
                  std::initializer_list<int64_t> strides = {}) {
  const std::vector<size_t> extents(shape.begin(), shape.end());
  return Out<const T>(values, extents.size(), extents.data(), owner, strides.size() ? strides.begin() : nullptr);
}
template <class T>
Out<const T> view(const std::vector<T>& values, std::initializer_list<int64_t> shape, nb::handle owner) {
  static const T none{};  // NumPy wants an address even of nothing
  return view(values.empty() ? &none : values.data(), shape, owner);
}

// An array that takes the values over.
template <class T>
Out<T> give(std::vector<T> values, std::initializer_list<int64_t> shape) {
  auto kept = std::make_unique<std::vector<T>>(std::move(values));
  if (kept->empty()) kept->reserve(1);
  T* data = kept->data();
  const nb::capsule owner(kept.release(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  const std::vector<size_t> extents(shape.begin(), shape.end());
  return Out<T>(data, extents.size(), extents.data(), owner);
}
inline Out<double> give(Matrix matrix) {
  const int64_t rows = matrix.rows, columns = matrix.columns;
  return give(std::move(matrix.values), {rows, columns});
}

}  // namespace swell::python
