#include "swell/programs/judge/network.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "swell/base/errors.h"
#include "swell/embedded.h"
#include "swell/io/idx.h"
#include "swell/programs/judge/read_samples.h"

namespace swell::judge {

namespace {

// The images whose answers scripts/train_judge.py stores: the embedded digits and two patterns.
std::vector<float> check_images() {
  const IdxArray digits = parse_idx(embedded::digits_images(), "digits");
  std::vector<float> images;
  for (const uint8_t value : digits.values) images.push_back(static_cast<float>(value) / 255.0f);
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column)
      images.push_back(static_cast<float>((7 * row + 3 * column) % 11) / 10);
  }
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) images.push_back(static_cast<float>(row * column) / 729);
  }
  return images;
}

std::optional<std::filesystem::path> folder_of(const std::string& data) {
  const char* home = std::getenv("HOME");
  const char* shared = std::getenv("XDG_DATA_HOME");
  const std::filesystem::path base =
      shared ? std::filesystem::path(shared) : std::filesystem::path(home ? home : "") / ".local/share";
  const auto folder = base / "swell" / data;
  if (!std::filesystem::exists(folder / "t10k-images-idx3-ubyte")) return {};
  return folder;
}

}  // namespace

// The answers that PyTorch gave with the same weights when the network was trained. Sums of up to 576 products in
// single precision, in another order: 1e-4 of logits of some 10 to 40.
TEST(network_of_judge, answers_are_those_of_the_training_script) {
  const std::vector<float> images = check_images();
  for (const std::string& data : known_sets()) {
    const Safetensors file = network_file(data);
    const Seen seen = look(network_of(data), images, 2);
    ASSERT_EQ(seen.images, 5);
    const Tensor &features = file.tensors.at("check.features"), &logits = file.tensors.at("check.logits");
    ASSERT_EQ(features.values.size(), seen.features.size());
    ASSERT_EQ(logits.values.size(), seen.logits.size());
    for (size_t k = 0; k < seen.features.size(); ++k) EXPECT_NEAR(seen.features[k], features.values[k], 1e-4) << data;
    for (size_t k = 0; k < seen.logits.size(); ++k) EXPECT_NEAR(seen.logits[k], logits.values[k], 1e-4) << data;
  }
  const Seen digits = look(network_of("mnist"), images, 1);
  for (int k = 0; k < 3; ++k) {
    EXPECT_EQ(digits.classes[k], k);
    EXPECT_GT(digits.confident[k], 0.9);
  }
}

TEST(network_of_judge, answers_do_not_depend_on_threads_and_batches) {
  std::vector<float> images;
  for (int copy = 0; copy < 8; ++copy) {
    const std::vector<float> some = check_images();
    images.insert(images.end(), some.begin(), some.end());
  }
  const Network network = network_of("fashion-mnist");
  const Seen one = look(network, images, 1), many = look(network, images, 3);
  EXPECT_EQ(one.logits, many.logits);
  for (int64_t k = 0; k < 5 * kClasses; ++k) EXPECT_EQ(one.logits[k], one.logits[35 * kClasses + k]);
}

TEST(network_of_judge, test_accuracy_is_that_of_the_file) {
  int found = 0;
  for (const std::string& data : known_sets()) {
    const auto folder = folder_of(data);
    if (!folder) continue;
    ++found;
    const Data set = read_data(data, *folder);
    const Network network = network_of(data);
    const Seen seen = look(network, set.test.pixels, 2);
    int64_t right = 0;
    for (int64_t i = 0; i < seen.images; ++i) right += seen.classes[i] == set.test.labels[i];
    const double accuracy = static_cast<double>(right) / static_cast<double>(seen.images);
    EXPECT_NEAR(accuracy, network.test_accuracy, 2e-4) << data;  // an image or two on the edge of two classes
    EXPECT_GT(accuracy, data == "mnist" ? 0.992 : 0.91);
  }
  if (found == 0) GTEST_SKIP() << "neither set is there; 'swell data mnist' and 'swell data fashion-mnist' fetch them";
}

TEST(network_of_judge, files_that_lack_a_part_are_refused) {
  Safetensors file = network_file("mnist");
  Safetensors missing = file;
  missing.tensors.erase("conv2.bias");
  EXPECT_THROW(network_from(missing, "it"), IoError);
  file.tensors.at("dense2.weight").shape = {64, 10};
  EXPECT_THROW(network_from(file, "it"), IoError);
  EXPECT_THROW(network_of("cifar"), InputError);
}

TEST(network_of_judge, work_that_is_to_stop_stops) {
  EXPECT_THROW(look(network_of("mnist"), check_images(), 1, [] { return false; }), Interrupted);
}

}  // namespace swell::judge
