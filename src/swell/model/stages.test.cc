#include "swell/model/stages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"
#include "swell/model/design.h"
#include "swell/model/machine_file.h"
#include "swell/model/test_stages.h"

namespace swell {

namespace {

std::string refusal(const std::string& text) {
  try {
    parse_design(text, "s.toml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = test::kStagesDesign;
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST(stages, are_even_in_the_logarithm_of_the_noise) {
  const Design design = parse_design(test::kStagesDesign, "s.toml");
  const Stages& stages = *design.stages;
  EXPECT_EQ(stages.time.size(), 4u);
  for (int64_t k = 0; k <= 3; ++k)  // as near as whole steps allow
    EXPECT_NEAR(std::log(stages.rho(stages.time[k])), std::log(2.0) + static_cast<double>(k) / 3.0 * std::log(0.05),
                0.02)
        << k;
  // rho by its definition, and a middle whose rho is the geometric mean.
  EXPECT_NEAR(stages.rho(0.3), std::sqrt(1 - std::exp(-0.6)) / (8 * std::exp(-0.3)), 1e-12);
  EXPECT_NEAR(stages.rho(stages.middle(1)), std::sqrt(stages.rho(stages.time[1]) * stages.rho(stages.time[2])), 1e-12);
  const Protocol& protocol = find_protocol(design, "generation");
  ASSERT_EQ(protocol.segments.size(), 5u);
  EXPECT_EQ(protocol.segments[0].couplings, kNoCouplings);
  double together = 0;
  for (int k = 1; k <= 3; ++k) together += protocol.segments[k].duration;
  EXPECT_NEAR(together, stages.time.front() - stages.time.back(), 1e-12);
  EXPECT_EQ(protocol.segments[4].couplings, protocol.segments[3].couplings);
  EXPECT_EQ(protocol.segments[4].kT(1.0), 0);
  for (const Segment& segment : protocol.segments) EXPECT_TRUE(segment.clamped[2]);
}

// Times follow from the noise, so that segments take the nearest whole number of steps.
TEST(stages, another_step_takes_the_nearest_number_of_steps) {
  Design design = parse_design(test::kStagesDesign, "s.toml");
  const Protocol before = find_protocol(design, "generation");
  set_step(design, 3e-3);
  const Protocol& after = find_protocol(design, "generation");
  for (size_t k = 0; k < before.segments.size(); ++k) {
    EXPECT_NEAR(after.segments[k].duration, before.segments[k].duration, 1.5e-3 + 1e-12);
    EXPECT_EQ(count_steps(after.segments[k], 3e-3), std::lround(before.segments[k].duration / 3e-3));
  }
  set_step(design, 100);
  for (const Segment& segment : find_protocol(design, "generation").segments) EXPECT_EQ(segment.duration, 100);
}

TEST(stages, couplings_are_the_shared_ones_times_gains) {
  Design design = parse_design(test::kStagesDesign, "s.toml");
  test::fill_at_random(design);
  const Stages& s = *design.stages;
  const CouplingSet& set = design.computer.sets[find_set(design.computer, "stage2")];
  const std::vector<double> J = dense_matrix(design.computer, set);
  for (int64_t i = 0; i < 4; ++i) {
    for (int64_t h = 0; h < 3; ++h)
      EXPECT_FLOAT_EQ(static_cast<float>(J[i * 9 + 4 + h]), -s.W[h * 4 + i] * s.gain[3 + h]);
    EXPECT_FLOAT_EQ(static_cast<float>(J[8 * 9 + i]), s.label_visible[4 + i] * s.label_visible_gain[4 + i]);
    for (int64_t h = 0; h < 3; ++h)
      EXPECT_FLOAT_EQ(static_cast<float>(J[7 * 9 + 4 + h]), s.label_hidden[h] * s.label_hidden_gain[3 + h]);
    EXPECT_EQ(static_cast<float>(set.bias[i]), s.visible_bias[4 + i]);
    EXPECT_EQ(static_cast<float>(set.J2[i]), s.visible_J2[1]);
    EXPECT_NEAR(s.pixel(i, 1.5), 2 * (static_cast<double>(s.mean[i]) + 1.5 / s.decay(s.time[3])) - 1, 1e-12);
  }
  EXPECT_EQ(count_parameters(s), 3 * 4 + 2 * (3 + 4) + 3 * (3 * 3 + 2 * 4 + 2));
  EXPECT_EQ(static_cast<float>(set.J2[5]), s.hidden_J2[1]);
  EXPECT_EQ(J[4 * 9 + 5], 0);
}

// Files hold what stages share, and so none of the faults of a chip, which are in every coupling.
TEST(stages, a_chip_of_them_is_refused_by_a_file) {
  Design design = parse_design(test::kStagesDesign, "s.toml");
  test::fill_at_random(design);
  EXPECT_NO_THROW(encode_machine({design, {}, {}}));
  const std::vector<std::function<void(Computer&)>> faults = {
      [](Computer& chip) { std::get<DenseWeights>(chip.sets[0].blocks[0].weights).values[3] += 0.01; },
      [](Computer& chip) { chip.sets[0].bias[2] += 0.01; },
      [](Computer& chip) { chip.sets[0].J2[2] += 0.01; },
      [](Computer& chip) { chip.mobility[2] *= 1.1; },
      [](Computer& chip) { chip.kT = 1.1; },
  };
  for (const auto& fault : faults) {
    Design chip = design;
    fault(chip.computer);
    EXPECT_THROW(encode_machine({chip, {}, {}}), InputError);
  }
}

TEST(stages, come_back_from_a_file_as_they_were) {
  Design design = parse_design(test::kStagesDesign, "s.toml");
  test::fill_at_random(design);
  const test::TestFolder folder;
  write_machine(folder / "m.safetensors", {design, {}, {}});
  const MachineFile machine = read_machine(folder / "m.safetensors");
  EXPECT_TRUE(machine.arrays.empty());
  ASSERT_TRUE(machine.design.stages);
  EXPECT_EQ(machine.design.stages->W, design.stages->W);
  EXPECT_EQ(machine.design.stages->gain, design.stages->gain);
  for (size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(dense_matrix(machine.design.computer, machine.design.computer.sets[k]),
              dense_matrix(design.computer, design.computer.sets[k]));
    EXPECT_EQ(machine.design.computer.sets[k].bias, design.computer.sets[k].bias);
    EXPECT_EQ(machine.design.computer.sets[k].J2, design.computer.sets[k].J2);
  }
  Safetensors file = read_safetensors(folder / "m.safetensors");
  file.tensors.erase("stages.gain");
  write_safetensors(folder / "less.safetensors", file);
  EXPECT_THROW(read_machine(folder / "less.safetensors"), IoError);
}

// Windows slide from the first hidden units to the last; stages of a band share one.
TEST(stages, bands_are_served_by_windows_of_hidden_units) {
  std::string text = with("count = 3", "count = 8\nbands = 4\nshare = 0.5");
  text.replace(text.find("shape = [3]"), 11, "shape = [1000]");
  const Stages s = *parse_design(text, "s.toml").stages;
  std::vector<int64_t> first, last;
  for (int64_t k = 0; k < 8; ++k) {
    EXPECT_EQ(s.band(k), k / 2);
    first.push_back(s.window(k).first);
    last.push_back(s.window(k).first + s.window(k).count);
  }
  EXPECT_EQ(first, (std::vector<int64_t>{0, 0, 128, 128, 320, 320, 448, 448}));
  EXPECT_EQ(last, (std::vector<int64_t>{512, 512, 640, 640, 832, 832, 1000, 1000}));
  // All of them where the share is whole, or the units few.
  const Stages all = *parse_design(with("count = 3", "count = 3\nbands = 3\nshare = 0.5"), "s.toml").stages;
  for (int64_t k = 0; k < 3; ++k) EXPECT_EQ(all.window(k).count, 3);
}

TEST(stages, styles_of_a_class_come_by_their_share) {
  std::string text = test::kStagesDesign;
  text.replace(text.rfind("shape = [2]"), 11, "shape = [2, 3]");
  Stages s = *parse_design(text, "s.toml").stages;
  EXPECT_EQ(s.classes, 2);
  EXPECT_EQ(s.styles, 3);
  EXPECT_EQ(s.labels, 6);
  EXPECT_EQ(s.style_at(1, 0.7), 0);  // before training
  s.style_share = {1, 0, 0, 0.25, 0.5, 0.25};
  EXPECT_EQ(s.style_at(0, 0.99), 0);
  EXPECT_EQ(s.style_at(1, 0.2), 0);
  EXPECT_EQ(s.style_at(1, 0.26), 1);
  EXPECT_EQ(s.style_at(1, 0.74), 1);
  EXPECT_EQ(s.style_at(1, 0.76), 2);
}

// Couplings of few bits are whole multiples of a step, no further from the numbers they round than half of it, and come
// back from a file as they were.
TEST(stages, couplings_of_few_bits_are_whole_steps) {
  for (const int bits : {2, 4, 8}) {
    Design design = parse_design(with("count = 3", "count = 3\nbits = " + std::to_string(bits)), "s.toml");
    test::fill_at_random(design);
    Stages& s = *design.stages;
    for (int64_t k = 0; k < 12; ++k) s.W[k] = draw_normal({1, stream::kTesting}, 77, 0, static_cast<uint64_t>(k));
    for (size_t k = 0; k < s.label_visible.size(); ++k)
      s.label_visible[k] = draw_normal({1, stream::kTesting}, 78, 0, static_cast<uint64_t>(k));
    const std::vector<float> exact = s.W, exact_labels = s.label_visible;
    round_stages(s);
    for (size_t k = 0; k < exact_labels.size(); ++k) {
      const float step = s.label_visible_step[k / 4];
      EXPECT_LE(std::abs(s.label_visible[k] - exact_labels[k]), 0.5001f * step);
      EXPECT_NEAR(s.label_visible[k] / step, std::round(s.label_visible[k] / step), 1e-4);
      EXPECT_LE(std::abs(s.label_visible[k] / step), (1 << (bits - 1)) - 0.99);
    }
    for (int64_t k = 0; k < 12; ++k) {
      EXPECT_LE(std::abs(s.W[k] - exact[k]), 0.5001f * s.W_step[k / 4]);
      EXPECT_NEAR(s.W[k] / s.W_step[k / 4], std::round(s.W[k] / s.W_step[k / 4]), 1e-4);
      EXPECT_LE(std::abs(s.W[k] / s.W_step[k / 4]), (1 << (bits - 1)) - 0.99);
    }
    // Each row has a step of its own: its largest number is the last level.
    for (size_t row = 0; row < s.label_visible_step.size(); ++row) {
      float largest = 0;
      for (size_t k = 4 * row; k < 4 * row + 4; ++k) largest = std::max(largest, std::abs(exact_labels[k]));
      EXPECT_NEAR(s.label_visible_step[row] * static_cast<float>((1 << (bits - 1)) - 1), largest, 1e-5 * largest);
    }
    fill_stages(s, design.computer);
    const test::TestFolder folder;
    write_machine(folder / "m.safetensors", {design, {}, {}});
    const Stages read = *read_machine(folder / "m.safetensors").design.stages;
    EXPECT_EQ(read.W, s.W);
    EXPECT_EQ(read.label_visible, s.label_visible);
    EXPECT_EQ(read.label_hidden, s.label_hidden);
    std::vector<float> again = s.W;
    round_stages(s);
    for (int64_t k = 0; k < 12; ++k) EXPECT_FLOAT_EQ(s.W[k], again[k]);
  }
}

// Where generation begins at the label's image: coupled to the label unit alone, so that after a time of 1 from x = 0
// the mean is the image as far as it has decayed, and the variance that of the first stage's noise.
TEST(stages, may_begin_about_the_image_of_the_label) {
  Design design = parse_design(with("label = \"label\"", "label = \"label\"\nfrom = \"label\""), "s.toml");
  test::fill_at_random(design);
  const Stages& s = *design.stages;
  const Protocol& protocol = find_protocol(design, "generation");
  EXPECT_EQ(find_set(design.computer, "stage1"), 0);
  ASSERT_EQ(find_set(design.computer, kStartSet), 3);
  EXPECT_EQ(protocol.segments[0].couplings, 3);
  EXPECT_EQ(protocol.segments[4].couplings, 2);  // cooling goes on with the last stage's
  const CouplingSet& set = design.computer.sets[3];
  const std::vector<double> J = dense_matrix(design.computer, set);
  const double v = 0.5 / set.J2[0], decay = 8 * std::exp(-s.time[0]);
  EXPECT_NEAR(v * (1 - std::exp(-2 / v)), 1 - std::exp(-2 * s.time[0]), 1e-9);
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(set.J2[i], set.J2[0]);
    for (int64_t l = 0; l < 2; ++l)
      EXPECT_NEAR(-J[(7 + l) * 9 + i] * v * (1 - std::exp(-1 / v)),
                  decay * static_cast<double>(s.label_visible[l * 4 + i]), 1e-6);
    for (int64_t h = 4; h < 7; ++h) EXPECT_EQ(J[h * 9 + i], 0);
  }
  EXPECT_EQ(count_writes(s), count_writes(*parse_design(test::kStagesDesign, "s.toml").stages) + 4 + 1);
  EXPECT_NE(refusal(with("fill = 1.0", "from = \"label\"\nfill = 0.4")).find("takes a time above 0.598"),
            std::string::npos)
      << refusal(with("fill = 1.0", "from = \"label\"\nfill = 0.4"));
  std::string unlabelled = with("label = \"label\"", "from = \"label\"");
  EXPECT_NE(refusal(unlabelled).find("key 'stages.from' is 'label', but there are no label units"), std::string::npos)
      << refusal(unlabelled);
}

// Images grow while they cool; the readout brings them back to scale.
TEST(stages, are_read_to_scale) {
  Design design = parse_design(with("cool = 0.2", "cool = 0.2\nreadout = 1.6"), "s.toml");
  test::fill_at_random(design);
  const Stages& s = *design.stages;
  for (int64_t i = 0; i < 4; ++i)
    EXPECT_NEAR(s.pixel(i, 1.5), 2 * (static_cast<double>(s.mean[i]) + 1.5 / (1.6 * s.decay(s.time[3]))) - 1, 1e-12);
}

TEST(stages, refuse_with_a_sentence) {
  EXPECT_NE(refusal(with("cool = 0.2", "readout = 0")).find("'stages.readout' is 0; a number above 0"),
            std::string::npos);
  EXPECT_NE(refusal(with("count = 3", "count = 3\nbits = 9")).find("2 to 8 bits"), std::string::npos);
  EXPECT_NE(refusal(with("count = 3", "count = 3\nbands = 4")).find("from 1 to the number of stages, 3"),
            std::string::npos);
  EXPECT_NE(refusal(with("count = 3", "count = 3\nshare = 0")).find("above 0 and up to 1"), std::string::npos);
  EXPECT_NE(
      refusal(with("noise = [2.0, 0.1]", "noise = [0.1, 2.0]")).find("key 'stages.noise' needs two numbers above 0"),
      std::string::npos);
  EXPECT_NE(refusal(with("count = 3", "count = 3000")).find("a whole number from 1 to 256 is needed"),
            std::string::npos);
  EXPECT_NE(refusal(with("count = 3", "count = 200\nnoise_ = 1")).find("noise_"), std::string::npos);
  EXPECT_NE(refusal(with("dt = 2e-3", "dt = 2.0")).find("shorter than a step"), std::string::npos);
  EXPECT_NE(
      refusal(with("J2 = 0.5\npattern = \"data\"", "J2 = 1.0\npattern = \"data\"")).find("harmonic with J2 = 0.5"),
      std::string::npos);
  EXPECT_NE(refusal(with("label = \"label\"", "label = \"hidden\"")).find("a second time"), std::string::npos);
  EXPECT_NE(refusal(with("kT = 1.0", "kT = 2.0")).find("has kT = 1, not 2"), std::string::npos);
  EXPECT_NE(refusal(std::string(test::kStagesDesign) + "[[coupling]]\nbetween = [\"visible\", \"hidden\"]\n")
                .find("stands beside [[coupling]]"),
            std::string::npos);
}

}  // namespace swell
