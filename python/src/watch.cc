#include "watch.h"

#include <nanobind/stl/string.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <thread>

#include "swell/base/errors.h"

namespace swell::python {

namespace {

constexpr std::chrono::milliseconds kBetweenLooks{50};

// The exception that Python has just set, as an object.
nb::object take_error() {
#if PY_VERSION_HEX >= 0x030C0000
  return nb::steal(PyErr_GetRaisedException());
#else
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  if (trace) PyException_SetTraceback(value, trace);
  Py_XDECREF(type);
  Py_XDECREF(trace);
  return nb::steal(value);
#endif
}

}  // namespace

bool Watch::tell(const char* stage, double done, double total) {
  const std::lock_guard lock(mutex_);
  stage_ = stage;
  done_ = done;
  total_ = total;
  news_ = true;
  return !stop_;
}

void Watch::look() {
  if (pending_.is_valid()) return;
  if (PyErr_CheckSignals() != 0) {
    pending_ = take_error();
    stop_ = true;
    return;
  }
  if (progress_.is_none()) return;
  std::string stage;
  double done = 0, total = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!news_) return;
    news_ = false;
    stage = stage_;
    done = done_;
    total = total_;
  }
  try {
    const nb::object answer = progress_(stage, done, total);
    if (answer.is(Py_False)) stop_ = true;
  } catch (nb::python_error& error) {
    pending_ = nb::borrow(error.value());
    stop_ = true;
  }
}

void Watch::run(bool brief, const std::function<void()>& work) {
  if (brief) {
    const nb::gil_scoped_release unlocked;
    return work();
  }
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  std::exception_ptr thrown;
  std::jthread worker([&] {  // joined whatever happens here
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    over = true;
    changed.notify_one();
  });
  for (bool done = false; !done;) {
    {
      const nb::gil_scoped_release unlocked;
      std::unique_lock lock(mutex);
      done = changed.wait_for(lock, kBetweenLooks, [&] { return over; });
    }
    look();
  }
  {
    const nb::gil_scoped_release unlocked;
    worker.join();
  }
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const Interrupted&) {
    raise_pending();
    throw;
  }
}

void Watch::raise_pending() {
  if (!pending_.is_valid()) return;
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(pending_.ptr())), pending_.ptr());
  throw nb::python_error();
}

}  // namespace swell::python
