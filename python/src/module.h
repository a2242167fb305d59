#pragma once

#include <nanobind/nanobind.h>

// One function for each topic of the extension, which adds its classes and functions to the module.
namespace swell::python {

void add_machines(nanobind::module_& module);
void add_protocols(nanobind::module_& module);
void add_physics(nanobind::module_& module);
void add_runs(nanobind::module_& module);
void add_designs(nanobind::module_& module);
void add_linear(nanobind::module_& module);
void add_ising(nanobind::module_& module);
void add_routes(nanobind::module_& module);
void add_images(nanobind::module_& module);
void add_judge(nanobind::module_& module);
void add_neural(nanobind::module_& module);
void add_entropy(nanobind::module_& module);
void add_calibration(nanobind::module_& module);
void add_hardware(nanobind::module_& module);

}  // namespace swell::python
