// Designs and machine files.

#include "design.h"
#include "images_for.h"

#include <fmt/format.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "json.h"
#include "machine.h"
#include "module.h"
#include "protocol.h"
#include "swell/base/errors.h"
#include "swell/embedded.h"
#include "swell/engine/patterns.h"
#include "swell/io/image_levels.h"
#include "swell/programs/generate/read_images.h"
#include "swell/programs/generate/training_set.h"

namespace swell::python {

namespace {

NamedDesign own(Trained trained) { return {std::make_shared<const Trained>(std::move(trained))}; }

NamedDesign read_any(const std::string& path) {
  const nb::gil_scoped_release free;  // a machine of all classes takes seconds
  if (path.ends_with(".toml")) return own({read_design(path), {}, nlohmann::ordered_json::object()});
  return own(read_trained(path));
}

NamedDesign parse_text(std::string_view text, const std::string& name) {
  const nb::gil_scoped_release free;
  return own({parse_design(text, name), {}, nlohmann::ordered_json::object()});
}

NamedDesign published() {
  const auto bytes = embedded::whitelam2026_design();
  return parse_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "whitelam2026");
}

// A design's text and a machine that fits it, as a file.
void write_file(const std::string& path, const Machine& machine, const std::string& text) {
  const std::shared_ptr<const Computer> computer = machine.shared();
  const nb::gil_scoped_release free;
  Trained file;
  file.training["method"] = "given";
  file.design.text = text;
  file.design.name = "machine";
  file.design.computer = *computer;
  write_trained(path, file);
}

nb::object protocols_of(const NamedDesign& design) {
  nb::dict protocols;
  for (const Protocol& protocol : design.design().protocols)
    protocols[nb::str(protocol.name.data(), protocol.name.size())] = unbind(protocol, design.design().computer);
  return protocols;
}

Out<double> give_patterns(const NamedDesign& design, Patterns patterns) {
  return give(std::move(patterns.values), {patterns.rows, design.design().computer.units()});
}

// Any array of images, as a set to learn from: what io/image_levels.h says of arrays in files holds of these.
DataSet images_of(const Design& design, const nb::handle array, const std::vector<int>& labels) {
  RawImages raw;
  ImageOptions options;
  options.shape = design.computer.groups[data_group(design)].shape;
  In<uint8_t, 3> bytes;
  ImageSet set;
  try {
    if (nb::try_cast(array, bytes, false)) {
      const std::vector<int64_t> shape{static_cast<int64_t>(bytes.shape(0)), static_cast<int64_t>(bytes.shape(1)),
                                       static_cast<int64_t>(bytes.shape(2))};
      set = images_of_bytes(shape, to_vector(bytes), options, "images");
    } else {
      const auto numbers = nb::cast<nb::ndarray<const double, nb::c_contig, nb::device::cpu>>(array);
      for (size_t d = 0; d < numbers.ndim(); ++d) raw.shape.push_back(static_cast<int64_t>(numbers.shape(d)));
      raw.values.assign(numbers.data(), numbers.data() + numbers.size());
      set = images_of_numbers(std::move(raw), options, "images");
    }
  } catch (const IoError& error) {  // there is no file
    throw InputError(error.what());
  }
  if (!labels.empty() && static_cast<int64_t>(labels.size()) != set.images())
    throw InputError(fmt::format("{} labels were given for {} images", labels.size(), set.images()));
  set.labels = labels;
  return generate::training_set(set, {}, "images");
}

void write_unlocked(const std::string& path, const NamedDesign& design) {
  const std::shared_ptr<const Trained> trained = design.trained;
  const nb::gil_scoped_release free;
  write_trained(path, *trained);
}

// The file that write_trained() makes, as bytes.
nb::bytes bytes_of(const NamedDesign& design) {
  const nb::object file =
      nb::module_::import_("tempfile").attr("NamedTemporaryFile")(nb::arg("suffix") = ".safetensors");
  write_unlocked(nb::cast<std::string>(file.attr("name")), design);
  const nb::object made = nb::module_::import_("pathlib").attr("Path")(file.attr("name")).attr("read_bytes")();
  file.attr("close")();
  return nb::cast<nb::bytes>(made);
}

}  // namespace

DataSet images_for(const Design& design, nb::handle array, const std::vector<int>& labels) {
  return array.is_none() ? generate::embedded_digits() : images_of(design, array, labels);
}

void add_designs(nb::module_& module) {
  Class<NamedDesign>(module, "Design")
      .def(nb::init<const NamedDesign&>())
      .def_prop_ro(
          "name", [](const NamedDesign& d) { return d.design().name; }, "Name of the design.")
      .def_prop_ro(
          "description", [](const NamedDesign& d) { return d.design().description; }, "In a sentence.")
      .def_prop_ro(
          "text", [](const NamedDesign& d) { return d.design().text; }, "The TOML that it was read from.")
      .def_prop_ro(
          "dt", [](const NamedDesign& d) { return d.design().dt; }, "Step, 1/mu.")
      .def_prop_ro(
          "integrator", [](const NamedDesign& d) { return std::string(name_of(d.design().integrator)); },
          "How a step is taken: 'euler-maruyama' or 'leimkuhler-matthews'.")
      .def_prop_ro("_machine",
                   [](const NamedDesign& d) {
                     return Machine(std::shared_ptr<const Computer>(d.trained, &d.trained->design.computer));
                   })
      .def_prop_ro("_protocols", &protocols_of)
      .def_prop_ro(
          "training", [](const NamedDesign& d) { return to_python(d.trained->training); },
          "How it was trained: method, images, residual or loss, seed, seconds. Empty where it was not.")
      .def_prop_ro(
          "images",
          [](nb::handle self) {
            const DataSet& images = nb::cast<const NamedDesign&>(self).trained->images;
            return view(images.values, {images.rows(), images.width()}, self);
          },
          "The first images that it was trained on, [images, pixels] float64, -1 to 1. A view.")
      .def("_fixed_patterns", [](const NamedDesign& d) { return give_patterns(d, fixed_patterns(d.design())); })
      .def("_patterns",
           [](const NamedDesign& d, nb::handle images) {
             return give_patterns(d, generate::make_patterns(d.design(), images_for(d.design(), images, {})));
           })
      .def("_bytes", &bytes_of)
      .def("_write", [](const NamedDesign& d, const std::string& path) { write_unlocked(path, d); });
  module.def("_read", &read_any);
  module.def("_parse_trained", [](const nb::bytes& data, const std::string& name) {
    const std::span bytes(static_cast<const std::byte*>(data.data()), data.size());
    const nb::gil_scoped_release free;
    return own(parse_trained(bytes, name));
  });
  module.def("_parse", &parse_text);
  module.def("_published", &published);
  module.def("_write_machine", &write_file);
}

}  // namespace swell::python
