#include "swell/model/design_files.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "swell/base/errors.h"
#include "swell/io/npy.h"
#include "swell/io/safetensors.h"
#include "swell/io/test_folder.h"

namespace swell::test {

namespace {

using Values = std::vector<double>;

// Two groups of three and two units, with these lines for the couplings and biases.
std::string design_of(const std::string& lines) {
  return "name = \"t\"\nkT = 1\ndt = 0.1\n[[group]]\nname = \"a\"\nshape = [3]\nJ2 = 5\n[[group]]\nname = \"b\"\nshape "
         "= [2]\nJ2 = 5\n" +
         lines;
}

const std::string kWithin = "[[coupling]]\nbetween = [\"a\", \"a\"]\nfile = ",
                  kAcross = "[[coupling]]\nbetween = [\"a\", \"b\"]\nfile = ";

}  // namespace

class design_arrays : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void npy(const std::string& name, const std::vector<int64_t>& shape, const Values& values) const {
    write_npy(folder_ / name, shape, values);
  }
  Design read(const std::string& lines) const {
    write("d.toml", design_of(lines));
    return read_design(folder_ / "d.toml");
  }
  Values matrix(const std::string& lines) const {
    const Design design = read(lines);
    return dense_matrix(design.computer, design.computer.sets.at(0));
  }

  TestFolder folder_;
};

// Rows and columns of the 5 x 5 matrix: three units of a, two of b.
TEST_F(design_arrays, each_kind_of_file_gives_the_same_couplings) {
  const Values expected{0, 1, 0, 0, 0, 1, 0, -2, 0, 0, 0, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const Values J{0, 1, 0, 1, 0, -2, 0, -2, 0};
  npy("J.npy", {3, 3}, J);
  write_file_atomically(folder_ / "J.npz", stored_zip({{"J.npy", encode_npy(std::vector<int64_t>{3, 3}, J)},
                                                       {"x.npy", encode_npy(std::vector<int64_t>{1}, Values{1})}}));
  write("J.mtx", "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 1\n3 2 -2\n");
  write("full.mtx", "%%MatrixMarket matrix array real general\n3 3\n0\n1\n0\n1\n0\n-2\n0\n-2\n0\n");
  write_file_atomically(folder_ / "J.mtx.gz", stored_gzip(bytes_of(text_of(folder_ / "J.mtx"))));
  write_safetensors(folder_ / "J.safetensors", {{{"J", {{3, 3}, J, Dtype::F32}}, {"x", {{1}, {1}, Dtype::F32}}}, {}});
  for (const char* file : {"J.npy", "J.npz:J", "J.mtx", "full.mtx", "J.mtx.gz", "J.safetensors:J"})
    EXPECT_EQ(matrix(kWithin + "\"" + file + "\"\n"), expected) << file;
  EXPECT_EQ(matrix(kWithin + "\"" + (folder_ / "J.npy").string() + "\"\n"), expected);
  EXPECT_TRUE(std::holds_alternative<SparseWeights>(read(kWithin + "\"J.mtx\"\n").computer.sets[0].blocks[0].weights));
  EXPECT_TRUE(std::holds_alternative<DenseWeights>(read(kWithin + "\"J.npy\"\n").computer.sets[0].blocks[0].weights));
}

TEST_F(design_arrays, groups_and_biases_take_files_too) {
  npy("J.npy", {3, 2}, {1, 2, 3, 4, 5, 6});
  npy("b.npy", {3}, {7, 8, 9});
  const Design design = read(kAcross + "\"J.npy\"\n[[bias]]\ngroup = \"a\"\nfile = \"b.npy\"\n");
  const Values J = dense_matrix(design.computer, design.computer.sets[0]);
  EXPECT_EQ(J[0 * 5 + 3], 1);
  EXPECT_EQ(J[2 * 5 + 4], 6);
  EXPECT_EQ(J[4 * 5 + 2], 6);
  EXPECT_EQ(design.computer.sets[0].bias, (Values{7, 8, 9, 0, 0}));
  EXPECT_TRUE(design.computer.sets[0].biased[0]);
}

// A float32 product is symmetric to one unit in the last place only.
TEST_F(design_arrays, rounding_in_single_precision_is_no_asymmetry) {
  const float a = 0.1f, b = std::nextafter(a, 1.0f);
  npy("J.npy", {3, 3}, {0, a, 0, b, 0, 0, 0, 0, 0});
  const Values J = matrix(kWithin + "\"J.npy\"\n");
  EXPECT_EQ(J[1], J[5]);
  EXPECT_NEAR(J[1], 0.1, 1e-7);
}

TEST_F(design_arrays, faults_are_told_with_the_place_in_the_design) {
  const auto refusal = [&](const std::string& lines) { return error_of<InputError>([&] { read(lines); }); };
  npy("wide.npy", {2, 3}, Values(6));
  EXPECT_TRUE(contains(refusal(kWithin + "\"wide.npy\"\n"), "d.toml:14: key 'coupling[0].file': "));
  EXPECT_TRUE(contains(refusal(kWithin + "\"wide.npy\"\n"), "wide.npy is 2 x 3; 3 x 3 ('a' x 'a') is needed"));
  npy("skew.npy", {3, 3}, {0, 1, 0, -1, 0, 0, 0, 0, 0});
  EXPECT_TRUE(contains(refusal(kWithin + "\"skew.npy\"\n"), "not symmetric: entry (2, 1) is -1 and entry (1, 2) is 1"));
  npy("diagonal.npy", {3, 3}, {0, 0, 0, 0, 4, 0, 0, 0, 0});
  EXPECT_TRUE(contains(refusal(kWithin + "\"diagonal.npy\"\n"), "entry (2, 2) of the diagonal is 4"));
  write("half.mtx", "%%MatrixMarket matrix coordinate real general\n3 3 1\n2 1 1\n");
  EXPECT_TRUE(contains(refusal(kWithin + "\"half.mtx\"\n"), "entry (2, 1) is 1 and entry (1, 2) is 0"));
  npy("nan.npy", {3, 3}, Values(9, NAN));
  EXPECT_TRUE(contains(refusal(kWithin + "\"nan.npy\"\n"), "holds nan"));
  npy("good.npy", {3, 3}, Values(9));
  EXPECT_TRUE(contains(refusal(kWithin + "\"good.npy\"\nvalues = [[1]]\n"), "stands beside 'file'"));
  EXPECT_TRUE(contains(refusal(kWithin + "3\n"), "a text in quotes"));
  EXPECT_TRUE(contains(error_of([&] { read(kWithin + "\"nowhere.npy\"\n"); }), "nowhere.npy"));
  EXPECT_TRUE(contains(error_of([&] { read(kWithin + "\"d.toml\"\n"); }), "no array (it is text that begins with"));
}

// 2000 units, all coupled: 80 MB of numbers as text, where a design has 64 MiB at most.
TEST_F(design_arrays, two_thousand_dense_units_are_read) {
  constexpr int64_t n = 2000;
  std::vector<float> J(n * n);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) J[i * n + j] = i == j ? 0.0f : static_cast<float>((i + j) % 7 - 3) * 1e-3f;
  }
  write_npy(folder_ / "J.npy", std::vector<int64_t>{n, n}, J);
  write("d.toml",
        "name = \"t\"\nkT = 1\ndt = 0.1\n[[group]]\nname = \"a\"\nshape = [2000]\nJ2 = 5\n[[coupling]]\nbetween = "
        "[\"a\", \"a\"]\nfile = \"J.npy\"\n");
  const Design design = read_design(folder_ / "d.toml");
  const auto& weights = std::get<DenseWeights>(design.computer.sets[0].blocks[0].weights);
  EXPECT_EQ(weights.values[1 * n + 3], static_cast<double>(J[1 * n + 3]));
  EXPECT_EQ(count_parameters(design.computer, design.computer.sets[0]), n * (n - 1) / 2);
}

}  // namespace swell::test
