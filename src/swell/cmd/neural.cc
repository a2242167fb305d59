// swell neural: functions and classifiers read at a set time, in equilibrium or not.

#include "swell/cmd/neural.h"

#include "swell/cmd/group.h"

namespace swell::cmd {

Command neural_command() {
  return group("neural", "functions and classifiers read out of equilibrium",
               {neuron_command(), neural_train_command(), neural_test_command(), neural_compare_command()});
}

}  // namespace swell::cmd
