#include "watch.h"

#include <nanobind/stl/string.h>

#include <chrono>
#include <thread>
#include <utility>

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

void Watch::call(const std::function<void()>& task) {
  std::unique_lock lock(turn_);
  task_ = &task;
  changed_.notify_all();
  changed_.wait(lock, [this] { return task_ == nullptr; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  if (stop_) throw Interrupted("stopped while Python was asked");
}

// Does the task that a thread of the work waits for, if one does.
void Watch::answer() {
  {
    const std::lock_guard lock(turn_);
    if (!task_) return;
  }
  try {
    if (!stop_) (*task_)();
  } catch (nb::python_error& error) {
    if (!pending_.is_valid()) pending_ = nb::borrow(error.value());
    stop_ = true;
  } catch (...) {
    failure_ = std::current_exception();
  }
  const std::lock_guard lock(turn_);
  task_ = nullptr;
  changed_.notify_all();
}

void Watch::run(bool brief, const std::function<void()>& work) {
  if (brief) {
    const nb::gil_scoped_release unlocked;
    return work();
  }
  std::exception_ptr thrown;
  std::jthread worker([&] {  // joined whatever happens here
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::lock_guard lock(turn_);
    over_ = true;
    changed_.notify_all();
  });
  for (bool done = false; !done;) {
    {
      const nb::gil_scoped_release unlocked;
      std::unique_lock lock(turn_);
      changed_.wait_for(lock, kBetweenLooks, [this] { return over_ || task_; });
      done = over_;
    }
    answer();
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
  } catch (const ToleranceMissed&) {  // stopped before there was an answer
    raise_pending();
    throw;
  }
}

void Watch::raise_pending() {
  if (!pending_.is_valid()) return;
  nb::module_::import_("swell._errors").attr("raise_if_stopped")(pending_, nb::none());
}

}  // namespace swell::python
