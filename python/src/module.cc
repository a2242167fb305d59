// The extension module swell._swell: the library's classes and functions, one file for each topic.

#include "module.h"

#include <exception>
#include <filesystem>
#include <new>
#include <stdexcept>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/version.h"

namespace nb = nanobind;

namespace swell::python {

namespace {

// Exceptions of the package (swell/_errors.py), so that Python and the library have one class for each.
nb::object error_class(const char* name) { return nb::module_::import_("swell._errors").attr(name); }

void raise(const char* name, const std::exception& error) { PyErr_SetString(error_class(name).ptr(), error.what()); }

void raise_diverged(const Diverged& error) {
  const nb::object exception = error_class("Diverged")(error.what());
  exception.attr("trajectory") = error.trajectory;
  exception.attr("step") = error.step;
  exception.attr("unit") = error.unit;
  exception.attr("dt") = error.dt;
  PyErr_SetObject(error_class("Diverged").ptr(), exception.ptr());
}

void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const InputError& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const IoError& error) {
    PyErr_SetString(PyExc_OSError, error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    PyErr_SetString(PyExc_OSError, error.what());
  } catch (const Diverged& error) {
    raise_diverged(error);
  } catch (const ToleranceMissed& error) {
    raise("ToleranceMissed", error);
  } catch (const Interrupted& error) {
    raise("Interrupted", error);
  } catch (const std::bad_alloc&) {
    PyErr_SetString(PyExc_MemoryError, "there is not enough memory for arrays of this size");
  } catch (const std::length_error&) {
    PyErr_SetString(PyExc_MemoryError, "no memory holds arrays of this size");
  }
}

}  // namespace

}  // namespace swell::python

NB_MODULE(_swell, module) {
  using namespace swell::python;
  nb::register_exception_translator(&translate);
  module.attr("__version__") = swell::kVersion;
  module.def("hardware_threads", &swell::hardware_threads,
             "Threads that this machine runs at once, at least 1. No errors.\n\nExamples\n--------\n>>> import swell\n"
             ">>> swell.hardware_threads() >= 1\nTrue");
  add_machines(module);
  add_protocols(module);
  add_physics(module);
  add_entropy(module);
  add_runs(module);
  add_designs(module);
  add_linear(module);
  add_ising(module);
  add_routes(module);
  add_images(module);
  add_judge(module);
  add_neural(module);
  add_calibration(module);
  add_hardware(module);
}
