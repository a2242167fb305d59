#include "swell/learn/trained.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "cli/tiny_machine.h"
#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/npy.h"
#include "swell/io/safetensors.h"
#include "swell/io/test_folder.h"

namespace swell {

namespace {

using test::contains;
using test::error_of;

// A tiny machine with random parameters, rounded as training rounds them.
Trained random_trained() {
  Trained trained{parse_design(test::tiny_design(2, 2, 3), "tiny"), test::tiny_images(2, 2), {{"method", "exact"}}};
  Computer& computer = trained.design.computer;
  assign_from_dense(computer, test::random_couplings(7, 1.0, 70), computer.sets[0]);
  for (int64_t i = 4; i < 7; ++i) computer.sets[0].bias[i] = test::fixed_normal(71, i);
  round_parameters(computer);
  return trained;
}

std::vector<std::byte> file_bytes() {
  const test::TestFolder folder;
  write_trained(folder / "model", random_trained());
  return read_file(folder / "model", 1 << 20);
}

}  // namespace

TEST(trained, file_keeps_every_bit_of_the_computer) {
  const test::TestFolder folder;
  const Trained written = random_trained();
  write_trained(folder / "model", written);
  const Trained read = read_trained(folder / "model");
  const Computer &before = written.design.computer, &after = read.design.computer;
  EXPECT_EQ(dense_matrix(before, before.sets[0]), dense_matrix(after, after.sets[0]));
  EXPECT_EQ(before.sets[0].bias, after.sets[0].bias);
  EXPECT_EQ(written.design.text, read.design.text);
  EXPECT_EQ(written.images.values, read.images.values);
  EXPECT_EQ(written.images.labels, read.images.labels);
  EXPECT_EQ(written.images.shape, read.images.shape);
  EXPECT_EQ(written.training, read.training);
  // Written once more, the same bytes.
  write_trained(folder / "again", read);
  EXPECT_EQ(test::text_of(folder / "model"), test::text_of(folder / "again"));
}

// What a chip has of its own stands in no design: it comes back bit by bit, and what a design says needs no tensor.
TEST(trained, units_that_differ_from_the_design_are_kept) {
  const auto names_in = [](const Trained& trained) {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : parse_safetensors(encode_trained(trained), "m").tensors) names.push_back(name);
    return names;
  };
  const auto has = [](const std::vector<std::string>& names, const char* name) {
    return std::ranges::find(names, name) != names.end();
  };
  Trained chip = random_trained();
  for (const char* name : {"J2", "J3", "J4", "mobility", "kT", "learned.J2"}) EXPECT_FALSE(has(names_in(chip), name));
  Computer& computer = chip.design.computer;
  computer.J2[3] += 1.0 / 3;
  computer.J4[5] *= 1.01;
  computer.mobility[0] = 0.9;
  computer.kT = 1.0 / 7;
  computer.sets[0].J2 = computer.J2;
  computer.sets[0].J2[1] = 0.7;
  computer.sets[0].biased.assign(computer.groups.size(), 1);  // offsets, where the design has no bias
  computer.sets[0].bias[0] = 0.25;
  const std::vector<std::string> names = names_in(chip);
  for (const char* name : {"J2", "J4", "mobility", "kT", "learned.J2"}) EXPECT_TRUE(has(names, name)) << name;
  EXPECT_FALSE(has(names, "J3"));
  const Computer read = parse_trained(encode_trained(chip), "m").design.computer;
  EXPECT_EQ(read.J2, computer.J2);
  EXPECT_EQ(read.J3, computer.J3);
  EXPECT_EQ(read.J4, computer.J4);
  EXPECT_EQ(read.mobility, computer.mobility);
  EXPECT_EQ(read.kT, computer.kT);
  EXPECT_EQ(read.sets[0].J2, computer.sets[0].J2);
  EXPECT_EQ(read.sets[0].bias, computer.sets[0].bias);
  EXPECT_EQ(read.sets[0].biased, computer.sets[0].biased);
  const Trained again = parse_trained(encode_trained(chip), "m");
  EXPECT_EQ(encode_trained(again), encode_trained(chip));
}

// The hidden units as a ring: entries in the file, their places in the design.
TEST(trained, sparse_couplings_are_kept) {
  std::string text = test::tiny_design(2, 2, 3);
  const std::string dense = "between = [\"hidden\", \"hidden\"]";
  text.replace(text.find(dense), dense.size(), dense + "\nlattice = [[1]]");
  Trained trained{parse_design(text, "tiny"), test::tiny_images(2, 2), {{"method", "exact"}}};
  Computer& computer = trained.design.computer;
  assign_from_dense(computer, test::random_couplings(7, 1.0, 70), computer.sets[0]);
  round_parameters(computer);
  const test::TestFolder folder;
  write_trained(folder / "model", trained);
  const Computer read = read_trained(folder / "model").design.computer;
  EXPECT_TRUE(std::holds_alternative<SparseWeights>(read.sets[0].blocks[1].weights));
  EXPECT_EQ(dense_matrix(computer, computer.sets[0]), dense_matrix(read, read.sets[0]));
  EXPECT_NE(dense_matrix(read, read.sets[0])[4 * 7 + 6], 0);
}

TEST(trained, parameters_are_rounded_to_what_the_file_holds) {
  Trained trained = random_trained();
  CouplingSet& set = trained.design.computer.sets[0];
  set.bias[4] = 1.0 / 3.0;
  std::get<DenseWeights>(set.blocks[0].weights).values[0] = 1e-3 + 1e-12;
  round_parameters(trained.design.computer);
  EXPECT_EQ(set.bias[4], static_cast<double>(1.0f / 3.0f));
  EXPECT_EQ(std::get<DenseWeights>(set.blocks[0].weights).values[0], static_cast<double>(1e-3f));
}

TEST(trained, file_cut_anywhere_is_refused) {
  test::expect_truncation_refused(file_bytes(), [](auto bytes, const char* name) { parse_trained(bytes, name); });
}

// One fault at a time in a file that is otherwise right; the message names what is wrong.
TEST(trained, every_kind_of_broken_file_is_refused_as_a_file) {
  struct Fault {
    const char* named;
    std::function<void(Safetensors&)> make;
  };
  const auto text = [](const char* key, const char* value) {
    return [=](Safetensors& file) { file.metadata[key] = value; };
  };
  const auto number = [](const char* tensor, size_t at, double value) {
    return [=](Safetensors& file) { file.tensors[tensor].values.at(at) = value; };
  };
  const auto shape = [](const char* tensor, std::vector<int64_t> extents) {
    return [=](Safetensors& file) { file.tensors[tensor].shape = extents; };
  };
  const std::vector<Fault> faults = {
      {"swell train", [](Safetensors& file) { file.metadata.erase("swell"); }},
      {"swell train", [](Safetensors& file) { file.metadata.erase("design"); }},
      {"swell train", [](Safetensors& file) { file.metadata.erase("training"); }},
      {"version 2", text("swell", "2")},
      {"(design)", text("design", "name = ")},
      {"(design)", text("design", "name = 'x'\ndt = 1\nkT = 1\n")},
      {"(design)", text("design", "")},
      {"'training'", text("training", "[1, 2]")},
      {"'training'", text("training", "{\"method\": ")},
      {"learned.J.visible.hidden", [](Safetensors& file) { file.tensors.erase("learned.J.visible.hidden"); }},
      {"learned.b.hidden", [](Safetensors& file) { file.tensors.erase("learned.b.hidden"); }},
      {"[3, 4]", shape("learned.J.visible.hidden", {3, 4})},
      {"[1, 3]", shape("learned.b.hidden", {1, 3})},
      {"nan", number("learned.b.hidden", 1, NAN)},
      {"inf", number("learned.J.visible.hidden", 0, INFINITY)},
      {"symmetric", number("learned.J.hidden.hidden", 1, 0.5)},
      {"diagonal", number("learned.J.hidden.hidden", 4, 0.5)},
      {"training.images", number("training.images", 0, 1.5)},
      {"training.images", number("training.images", 0, NAN)},
      {"training.images", shape("training.images", {8})},
      {"training.labels", number("training.labels", 0, -1)},
      {"training.labels", number("training.labels", 0, 1e300)},
      {"training.labels", shape("training.labels", {1, 2})},
  };
  const Safetensors whole = parse_safetensors(file_bytes(), "whole");
  for (const Fault& fault : faults) {
    Safetensors broken = whole;
    fault.make(broken);
    for (auto& [name, tensor] : broken.tensors) tensor.dtype = Dtype::F64;  // room for 1e300
    const auto bytes = encode_safetensors(broken);
    const std::string message = error_of<IoError>([&] { parse_trained(bytes, "broken.safetensors"); });
    EXPECT_TRUE(contains(message, "broken.safetensors"));
    EXPECT_TRUE(contains(message, fault.named));
  }
}

TEST(trained, at_most_so_many_images_are_kept) {
  const test::TestFolder folder;
  Trained trained = random_trained();
  for (int k = 0; k < 8; ++k) {
    trained.images.values.insert(trained.images.values.end(), trained.images.values.begin(),
                                 trained.images.values.end());
    trained.images.labels.insert(trained.images.labels.end(), trained.images.labels.begin(),
                                 trained.images.labels.end());
  }
  ASSERT_EQ(trained.images.rows(), 2 * kMaxKeptImages);
  write_trained(folder / "model", trained);
  const Trained read = read_trained(folder / "model");
  EXPECT_EQ(read.images.rows(), kMaxKeptImages);
  EXPECT_EQ(read.images.labels.size(), static_cast<size_t>(kMaxKeptImages));
}

// The trained machine needs the files of its design no more: values, and the places of sparse ones, are its own.
TEST(trained, keeps_what_the_files_of_its_design_held) {
  const test::TestFolder folder;
  write_file_atomically(folder / "J.mtx", "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 1\n3 2 -2\n");
  write_npy(folder / "J.npy", std::vector<int64_t>{3, 2}, std::vector<double>{1, 2, 3, 4, 5, 6});
  write_npy(folder / "b.npy", std::vector<int64_t>{2}, std::vector<double>{0.5, -0.5});
  write_file_atomically(folder / "d.toml", R"(name = "t"
kT = 1
dt = 0.1
group = [{ name = "a", shape = [3], J2 = 5 }, { name = "b", shape = [2], J2 = 5 }]
coupling = [{ between = ["a", "a"], file = "J.mtx" }, { between = ["a", "b"], file = "J.npy" }]
bias = [{ group = "b", file = "b.npy" }]
)");
  Trained trained;
  trained.design = read_design(folder / "d.toml");
  trained.training = nlohmann::ordered_json::object();
  write_trained(folder / "m.safetensors", trained);
  for (const char* file : {"J.mtx", "J.npy", "b.npy", "d.toml"}) std::filesystem::remove(folder / file);
  const Design again = read_trained(folder / "m.safetensors").design;
  EXPECT_EQ(dense_matrix(again.computer, again.computer.sets[0]),
            dense_matrix(trained.design.computer, trained.design.computer.sets[0]));
  EXPECT_EQ(again.computer.sets[0].bias, (std::vector<double>{0, 0, 0, 0.5, -0.5}));
  EXPECT_TRUE(std::holds_alternative<SparseWeights>(again.computer.sets[0].blocks[0].weights));
}

}  // namespace swell
