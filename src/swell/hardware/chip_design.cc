#include "swell/hardware/chip_design.h"

namespace swell::hardware {

Design perturb(const Design& design, const Imperfections& spec, uint64_t seed) {
  Design chip = design;
  if (!(chip.computer.kT > 0)) chip.computer.kT = 1;  // a protocol may be warm where the computer is at 0
  const double meant = chip.computer.kT;
  chip.computer = perturb(chip.computer, spec, seed);
  const double factor = chip.computer.kT / meant;
  chip.computer.kT = design.computer.kT * factor;
  for (Protocol& protocol : chip.protocols) {
    for (Segment& segment : protocol.segments) {
      for (Schedule::Knot& knot : segment.kT.knots) knot.value *= factor;
    }
  }
  return chip;
}

}  // namespace swell::hardware
