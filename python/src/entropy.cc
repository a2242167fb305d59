// Random bits from outside: sources, tapes, assessment.
#include "entropy.h"

#include "arrays.h"
#include "module.h"
#include "options.h"
#include "swell/entropy/assess.h"
#include "swell/entropy/byte_sources.h"
#include "swell/entropy/open_feed.h"
#include "watch.h"

namespace swell::python {

namespace {

struct Asked {
  entropy::Description description;
  std::string tape;
  Entropy::Use use = Entropy::Use::all;
  int steps_per_key_log2 = 10;
  std::optional<double> min_entropy;
  int threads = 1;  // read_options() sets them; opening takes none
};

const Options<Asked>& options_of_a_source() {
  static const Options<Asked> all = {
      {"tape", SWELL_INTO(tape)},
      {"bits_per_symbol", SWELL_INTO(description.feed.health.bits_per_symbol)},
      {"symbol_per_byte", SWELL_INTO(description.feed.symbol_per_byte)},
      {"min_entropy", SWELL_INTO(min_entropy)},
      {"alpha", SWELL_INTO(description.feed.health.alpha)},
      {"device", SWELL_INTO(description.feed.device)},
      {"most_wait", SWELL_INTO(description.feed.most_wait_s)},
      {"steps_per_key_log2", SWELL_INTO(steps_per_key_log2)},
      {"use",
       [](Asked& asked, nb::handle value) {
         asked.use = one_of<Entropy::Use>(value, "use", {{"all", Entropy::Use::all}, {"keys", Entropy::Use::keys}});
       }},
      {"conditioning",
       [](Asked& asked, nb::handle value) {
         using entropy::Conditioning;
         asked.description.feed.conditioning = one_of<Conditioning>(
             value, "conditioning",
             {{"auto", Conditioning::automatic}, {"none", Conditioning::none}, {"sha256", Conditioning::sha256}});
       }},
  };
  return all;
}

// What a Python function gives, as bytes in memory: bytes, a bytearray, an array.
class Bytes {
 public:
  explicit Bytes(nb::handle given) {
    if (PyObject_CheckBuffer(given.ptr()) && PyObject_GetBuffer(given.ptr(), &view_, PyBUF_C_CONTIGUOUS) == 0) return;
    PyErr_Clear();
    throw IoError(fmt::format("the source gave {}; bytes or None are needed",
                              nb::cast<std::string>(given.type().attr("__name__"))));
  }
  ~Bytes() { PyBuffer_Release(&view_); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  size_t size() const { return static_cast<size_t>(view_.len); }
  const void* data() const { return view_.buf; }

 private:
  Py_buffer view_{};
};

// What a Python function gives: bytes, empty where none have come yet, None for the end.
entropy::SourceFunction function_of(nb::object give) {
  const auto function = std::make_shared<nb::object>(std::move(give));
  // The last one to know it may be the reading thread, which has not got the interpreter's lock.
  const std::shared_ptr<void> keeper(nullptr, [function](void*) mutable {
    const nb::gil_scoped_acquire lock;
    *function = nb::object();
  });
  return [function, keeper](std::span<std::byte> into, std::chrono::milliseconds) -> int64_t {
    const nb::gil_scoped_acquire lock;
    try {
      const nb::object given = (*function)(into.size());
      if (given.is_none()) return -1;
      const Bytes bytes(given);
      if (bytes.size() > into.size())
        throw IoError(fmt::format("the source gave {} bytes where {} were asked for", bytes.size(), into.size()));
      std::memcpy(into.data(), bytes.data(), bytes.size());
      return static_cast<int64_t>(bytes.size());
    } catch (nb::python_error& error) {
      throw IoError(fmt::format("the source raised {}: {}", nb::cast<std::string>(error.type().attr("__name__")),
                                nb::cast<std::string>(nb::str(error.value()))));
    }
  };
}

// What the header of a tape says is not to be said otherwise.
void refuse_of_a_tape(const nb::dict& given) {
  if (given.contains("tape")) throw InputError("tape= records a live source, and the source is a tape already");
  for (const char* name : {"bits_per_symbol", "symbol_per_byte", "min_entropy", "alpha", "device", "most_wait"})
    if (given.contains(name)) throw InputError(fmt::format("{}= is not for a tape, whose header describes its source", name));
}

PythonFeed* open(nb::handle source, const nb::dict& given) {
  Asked asked;
  const bool named = nb::isinstance<nb::str>(source);
  if (named) asked.description = entropy::describe_source(nb::cast<std::string>(source));
  read_options(given, options_of_a_source(), "open()", asked, asked.threads);
  entropy::FeedOptions& options = asked.description.feed;
  if (asked.min_entropy) {
    options.health.min_entropy = *asked.min_entropy;
  } else if (given.contains("bits_per_symbol")) {
    options.health.min_entropy = options.health.bits_per_symbol;
  }
  options.tape = asked.tape;
  if (named && asked.description.source.starts_with("tape:")) refuse_of_a_tape(given);
  if (!(options.most_wait_s >= 0))
    throw InputError(fmt::format("most_wait is {}; 0 or more seconds are allowed", options.most_wait_s));
  if (asked.steps_per_key_log2 < 0 || asked.steps_per_key_log2 > 30)
    throw InputError(fmt::format("steps_per_key_log2 is {}; 0 to 30 is allowed", asked.steps_per_key_log2));
  auto made = std::make_unique<PythonFeed>();
  if (named) {
    made->feed = entropy::open_feed(asked.description);
  } else {
    made->feed = std::make_unique<entropy::Feed>(
        entropy::make_source("a Python function", function_of(nb::borrow(source))), options);
  }
  made->feed->use = asked.use;
  made->feed->steps_per_key_log2 = asked.steps_per_key_log2;
  Watch watch{nb::object(nb::none())};
  watch.run(false,
            [&] { made->seed = made->feed->take_seed([&](const entropy::FeedStatus&) { return watch.go_on(); }); });
  watch.raise_pending();
  return made.release();
}

nb::dict status_of(const PythonFeed& self) {
  const entropy::FeedStatus status = self.feed->status();
  nb::dict told;
  told["raw_bytes"] = status.raw_bytes;
  told["served_bytes"] = status.served_bytes;
  told["claimed_bytes"] = self.feed->claimed();
  told["rate"] = status.rate;
  told["samples"] = status.health.samples;
  told["repetition_failures"] = status.health.repetition_failures;
  told["proportion_failures"] = status.health.proportion_failures;
  told["failure"] = self.feed->trouble();
  told["ended"] = status.ended;
  told["sha256"] = status.sha256;
  return told;
}

nb::object assess(const In<uint8_t, 1>& symbols, int bits_per_symbol, int threads) {
  entropy::Assessment found;
  Watch watch{nb::object(nb::none())};
  entropy::AssessOptions options;
  options.threads = threads;
  options.progress = [&](const Progress&) { return watch.go_on(); };
  watch.run(false, [&] { found = entropy::assess({symbols.data(), symbols.size()}, bits_per_symbol, options); });
  watch.raise_pending();
  const auto by_name = [](const std::vector<entropy::EstimatorResult>& list) {
    nb::dict result;
    for (const entropy::EstimatorResult& one : list) {
      if (one.min_entropy) result[entropy::key_of(one.estimator)] = *one.min_entropy;
    }
    return result;
  };
  nb::dict told;
  told["H_assessed"] = found.H_assessed;
  told["H_original"] = found.H_original;
  told["H_bitstring"] = found.H_bitstring ? nb::cast(*found.H_bitstring) : nb::none();
  told["of_symbols"] = by_name(found.literal);
  told["of_bits"] = by_name(found.bitstring);
  nb::list warnings;
  for (const std::string& text : found.warnings) warnings.append(text);
  told["warnings"] = warnings;
  return told;
}

}  // namespace

PythonFeed::~PythonFeed() {
  const nb::gil_scoped_release free;  // the reading thread may be about to call Python
  feed.reset();
}

void add_entropy(nb::module_& module) {
  nb::class_<PythonFeed>(
      module, "Source",
      "Random bits from outside, as swell.entropy.open() makes them: recorded, tested while they come, "
      "conditioned. Runs take its bytes one after another.\n\n"
      "Examples\n--------\n>>> import swell\n>>> swell.entropy.open('os')\n"
      "Source('the generator of the operating system')")
      .def("__repr__",
           [](const PythonFeed& self) {
             return fmt::format("Source('{}'{})", self.feed->name(),
                                self.feed->is_conditioned() ? ", conditioned" : "");
           })
      .def_prop_ro(
          "name", [](const PythonFeed& self) { return self.feed->name(); }, "What it is, without credentials.")
      .def_prop_ro(
          "seed", [](const PythonFeed& self) { return self.seed; }, "Its first eight bytes, as a number.")
      .def_prop_ro(
          "is_conditioned", [](const PythonFeed& self) { return self.feed->is_conditioned(); },
          "Whether SHA-256 conditions its bytes.")
      .def_prop_ro(
          "is_biased", [](const PythonFeed& self) { return self.feed->is_biased(); },
          "Whether bytes that claim less than eight bits each are used as they are.")
      .def("status", &status_of,
           "Bytes so far, rate (bytes/s), health tests, and `failure`: why nothing more comes, or an empty text. No "
           "errors: what went wrong is "
           "in it.\n\nExamples\n--------\n>>> import swell\n>>> swell.entropy.open('os').status()['failure']\n''")
      .def(
          "close",
          [](PythonFeed& self) {
            const nb::gil_scoped_release free;
            self.feed->finish();
          },
          "Stops reading and completes the tape.\n\nRaises\n------\nOSError\n    The tape cannot be written.\n\n"
          "Examples\n--------\n>>> import swell\n>>> swell.entropy.open('os').close()");
  module.attr("_source_options") = tuple_of(options_of_a_source());
  module.def("_open_source", &open, nb::arg("source"), nb::arg("options"), nb::rv_policy::take_ownership);
  module.def("_assess", &assess, nb::arg("symbols"), nb::arg("bits_per_symbol"), nb::arg("threads"));
}

}  // namespace swell::python
