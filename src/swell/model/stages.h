#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "swell/io/safetensors.h"
#include "swell/model/computer.h"
#include "swell/model/protocol.h"

namespace swell {

class TomlReader;

// A machine of many stages, which makes images by taking a noising process back. The process is that of the visible
// units alone, harmonic with J2 = 1/2 at kT = 1: x(t) = A e^-t image + sqrt(1 - e^-2t) noise, where A = `amplitude`
// says how far an image stands above thermal noise, in widths of that noise. The noise of a time, as a share of the
// image, is rho(t) = sqrt(1 - e^-2t) / (A e^-t). Stages part it evenly in log rho, and run from the noisiest on.
//
// In stage k visible and hidden units are coupled by one matrix W that all stages share, times a gain for each hidden
// unit, J_ij = -W_ji gain_kj, so that between stages only gains, biases and two stiffnesses are written. A band of
// stages may use a part of the hidden units only, a window that slides over them: gains are 0 outside of it.
//
// Label units are clamped, one of them at 1, and their couplings are shared in the same way, with gains of their own.
// A class may have several label units, one for each of its styles, which training finds: groups of images that look
// alike. Asking for a class then chooses one of them, as often as its share in the images says.
struct StageSchedule {
  int visible = -1, hidden = -1;
  int label = -1;                          // or -1
  int64_t count = 0;                       // K
  double amplitude = 0;                    // A
  double noise_first = 0, noise_last = 0;  // rho at the start of the first stage and at the end of the last
  int bits = 0;       // of a shared coupling, 2 to 8, in steps of its hidden or label unit's own; 0 for bf16
  int64_t bands = 1;  // of stages
  double share = 1;   // of the hidden units that serve a band
  double fill = 0;    // time in which visible units fill with noise before the first stage
  // They fill with noise about the mean image of the label unit's style, as an image of the first stage's noise stands
  // about its own. Otherwise about 0, as an image far below the noise does. Then the first stage need not be so noisy
  // that all images look the same, and styles are chosen by the label alone.
  bool from_label = false;
  // Time after the last stage in which its kT falls to zero, so that visible units come to rest; 0 for none. Its
  // couplings stay in force, and with them the force x, with which images grow while noise is taken back.
  double cool = 0;
  double readout = 1;        // what the deviation of a pixel from the mean image is divided by when an image is read
  std::vector<double> time;  // [count + 1] where stages meet, falling, whole steps

  double decay(double time) const;     // A e^-t: of the image in x
  double variance(double time) const;  // 1 - e^-2t: of the noise in x
  double rho(double time) const;
  double middle(int64_t stage) const;  // the time of a stage whose rho is the geometric mean of those at its ends
};

struct Stages : StageSchedule {
  int64_t visible_units = 0, hidden_units = 0;
  int64_t labels = 0;  // label units: classes * styles, those of a class side by side
  int64_t classes = 0, styles = 0;

  // In E0; empty before training.
  std::vector<float> W;       // [hidden][visible]
  std::vector<float> W_step;  // [hidden] that numbers of W are whole multiples of, where it has bits
  std::vector<float> label_hidden_step, label_visible_step;  // [labels] the same for couplings of label units
  std::vector<float> gain;                                   // [count][hidden]
  std::vector<float> visible_J2, hidden_J2;                  // [count]
  std::vector<float> visible_bias;                           // [count][visible]
  std::vector<float> hidden_bias;                            // [count][hidden]
  std::vector<float> label_visible;  // [labels][visible] coupling of a label unit; from_label: its style's mean image
  std::vector<float> label_visible_gain;  // [count][visible]
  std::vector<float> label_hidden;        // [labels][hidden]
  std::vector<float> label_hidden_gain;   // [count][hidden]
  std::vector<float> style_share;         // [labels] of a style in the images of its class
  std::vector<float> mean;                // [visible] image = mean + x / (A e^-t readout)

  bool trained() const { return !W.empty(); }
  int64_t band(int64_t stage) const { return stage * bands / count; }
  // The hidden units that serve a stage. Windows begin at multiples of kWindowStep.
  struct Window {
    int64_t first, count;
  };
  Window window(int64_t stage) const;
  static constexpr int64_t kWindowStep = 64;
  // The style of a class at this place, 0 to 1, in the order of their shares. 0 before training.
  int64_t style_at(int64_t of_class, double place) const;
  // The image in [-1, 1] of a visible unit's state at the end of the run.
  double pixel(int64_t unit, double x) const;
};

// The table [stages] of a design, with the times of the stages on whole steps of dt. How training begins stands there
// too, and is not the machine's: learn/stage_start.h reads it.
Stages read_stages(TomlReader& reader, const Computer& computer, double dt);

// The coupling set that draws visible units to the label's image before the first stage (from_label).
inline constexpr const char* kStartSet = "start";
// The name of a stage's coupling set and segment: "stage1", ...
std::string stage_name(int64_t stage);

// The coupling sets and the protocol ("generation") of such a machine. Untrained couplings are zero.
void add_stages(const Stages& stages, Computer& computer, std::vector<Protocol>& protocols);
// What a device has to store: the shared couplings, and for each stage gains, biases, stiffnesses and the couplings of
// the label units.
int64_t count_parameters(const Stages& stages);
// What it writes while an image forms: in each stage gains of the hidden units that serve it, biases with those of the
// class asked for, and stiffnesses.
int64_t count_writes(const Stages& stages);
// The numbers of trained stages into the sets that are there.
void fill_stages(const Stages& stages, Computer& computer);

// As tensors "stages.W" and so on: those of many numbers in bf16, the others in f32; W in whole steps where it has
// bits, and so couplings of label units.
void write_stages(const Stages& stages, std::map<std::string, Tensor>& tensors);
// Takes them out of the tensors, and leaves the others. Throws IoError where one is missing or does not fit.
void take_stages(std::map<std::string, Tensor>& tensors, const std::string& file, Stages& stages);
// As they come back from a file, so that a machine behaves the same before and after. The step of a hidden or
// label unit with b bits is its largest coupling divided by 2^(b-1) - 1.
void round_stages(Stages& stages);

}  // namespace swell
